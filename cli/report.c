/*
 * report - show where memory went.
 *
 * Parses the options, asks the analyzer once, and leaves the rest to the
 * writer of the format. What is wrong with the trace is said on stderr, after
 * the report on what was whole of it.
 */
#include "cli/report.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "trace/xmalloc.h"

enum {
	TEXT_LIMIT = 20, /* rows */
	MAPPINGS_LIMIT = 5, /* rows below those of the heap */
	KEY_BY = 0x100,
	KEY_SORT,
	KEY_LIMIT,
	KEY_FORMAT,
	KEY_SKIP,
	KEY_KIND,
	KEY_PID,
	KEY_STRICT,
	KEY_FULL,
	KEY_NO_SYMBOLS,
};

static const struct argp_option options[] = {
	{ "by", KEY_BY, "KEY", 0,
	  "group by line (the default), function, file, module, stack, "
	  "thread, size or process",
	  0 },
	{ "sort", KEY_SORT, "METRIC", 0,
	  "largest first by peak (the default), live, leaked, allocated, "
	  "calls, temporary or freed",
	  0 },
	{ "limit", KEY_LIMIT, "N", 0,
	  "show N rows, 0 for all (20 in text, all in other formats)", 0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text, json, csv or tsv", 0 },
	{ "kind", KEY_KIND, "KIND", 0, "heap (the default) or mapping", 0 },
	{ "pid", KEY_PID, "N", 0, "only what process N allocated", 0 },
	{ "skip", KEY_SKIP, "PATTERN", 0,
	  "charge what functions like PATTERN (* and ?) allocate to their "
	  "callers; may be repeated",
	  0 },
	{ "full", KEY_FULL, NULL, 0,
	  "text: shorten nothing, show stacks below main", 0 },
	{ "no-symbols", KEY_NO_SYMBOLS, NULL, 0,
	  "addresses only, read no symbol files", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "fail when the trace is incomplete",
	  0 },
	{ 0 },
};

static const struct {
	const char *name;
	void (*write)(const struct report *r);
	size_t limit;
} formats[] = {
	{ "text", report_text, TEXT_LIMIT },
	{ "json", report_json, 0 },
	{ "csv", report_csv, 0 },
	{ "tsv", report_tsv, 0 },
};

struct settings {
	const char *spec;
	struct query query;
	size_t format;
	bool has_limit, strict, full, no_symbols;
	const char **skip;
	size_t skips, skip_room;
};

static size_t parse_format(const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return i;
	argp_error(state, "no format '%s': text, json, csv or tsv", arg);
	return 0;
}

static enum model_kind parse_kind(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "mapping") == 0)
		return MODEL_MAPPING;
	if (strcmp(arg, "heap") != 0)
		argp_error(state, "no kind '%s': heap or mapping", arg);
	return MODEL_HEAP;
}

static long parse_number(const char *arg, long max, struct argp_state *state)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(arg, &end, 10);
	if (errno || end == arg || *end || value < 0 || value > max)
		argp_error(state, "'%s' is no number from 0 to %ld", arg, max);
	return value;
}

static int parse_name(int found, const char *what, const char *arg,
		      struct argp_state *state)
{
	if (found < 0)
		argp_error(state, "no %s '%s': 'memprof report -h' lists them",
			   what, arg);
	return found;
}

static void add_skip(struct settings *s, const char *pattern)
{
	s->skip = xgrow(s->skip, &s->skip_room, s->skips + 1, sizeof(*s->skip));
	s->skip[s->skips++] = pattern;
}

static error_t parse_flag(int key, struct settings *s)
{
	switch (key) {
	case KEY_STRICT:
		s->strict = true;
		return 0;
	case KEY_FULL:
		s->full = true;
		return 0;
	case KEY_NO_SYMBOLS:
		s->no_symbols = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case KEY_BY:
		s->query.by =
			parse_name(query_by_from_name(arg), "key", arg, state);
		return 0;
	case KEY_SORT:
		s->query.sort = parse_name(query_metric_from_name(arg),
					   "metric", arg, state);
		return 0;
	case KEY_LIMIT:
		s->query.limit = (size_t)parse_number(arg, LONG_MAX, state);
		s->has_limit = true;
		return 0;
	case KEY_FORMAT:
		s->format = parse_format(arg, state);
		return 0;
	case KEY_KIND:
		s->query.kind = parse_kind(arg, state);
		return 0;
	case KEY_PID:
		s->query.pid = (int32_t)parse_number(arg, INT32_MAX, state);
		return 0;
	case KEY_SKIP:
		add_skip(s, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (s->spec)
			argp_error(state, "one trace at a time");
		s->spec = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace?");
		return 0;
	default:
		return parse_flag(key, s);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Show where memory went.\v"
	       "TRACE is a file that 'memprof run' wrote. A row is charged to "
	       "the innermost line outside allocators and their wrappers.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

/* Says what is wrong with the trace, if anything. */
static int judge(struct profile *p, const struct settings *s)
{
	const struct query_quality *q = profile_quality(p);
	const char *problem = profile_problem(p);

	if (problem)
		command_message("%s: %s", s->spec, problem);
	if (q->capture.damaged)
		return COMMAND_FAILED;
	if (!s->strict || q->complete)
		return COMMAND_OK;
	if (!problem)
		command_message("%s: incomplete: %s", s->spec,
				q->note_count ? q->notes[0] : "events lost");
	return COMMAND_FAILED;
}

/* 0, or -1 with err set. */
static int ask(struct report *r, struct err *err)
{
	struct query mappings = r->query;

	r->result = profile_query(r->profile, &r->query, err);
	if (!r->result || r->query.kind == MODEL_MAPPING)
		return r->result ? 0 : -1;
	mappings.kind = MODEL_MAPPING;
	mappings.limit = MAPPINGS_LIMIT;
	r->mappings = profile_query(r->profile, &mappings, err);
	return r->mappings ? 0 : -1;
}

static int show(struct profile *p, const struct settings *s)
{
	struct report r = { .profile = p, .query = s->query, .full = s->full };
	struct err err;
	int status;

	if (!s->has_limit)
		r.query.limit = formats[s->format].limit;
	if (ask(&r, &err) < 0) {
		command_message("%s: %s", s->spec, err.text);
		return COMMAND_FAILED;
	}
	formats[s->format].write(&r);
	status = command_finish(COMMAND_OK);
	return status ? status : judge(p, s);
}

int cmd_report(int argc, char **argv)
{
	struct settings s = { .query = { .sort = QUERY_PEAK } };
	struct profile_options o;
	struct profile *p;
	struct err err;
	int status;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	o = (struct profile_options){ .skip = s.skip,
				      .skips = s.skips,
				      .no_symbols = s.no_symbols };
	p = profile_open(s.spec, &o, &err);
	if (p) {
		status = show(p, &s);
	} else {
		command_message("%s", err.text);
		status = COMMAND_FAILED;
	}
	profile_close(p);
	free(s.skip);
	return status;
}
