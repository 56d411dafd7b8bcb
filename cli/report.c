/*
 * report - show where memory went.
 *
 * Parses the options, asks the analyzer once, and leaves the rest to the
 * writer of the format. What is wrong with the trace is said on stderr, after
 * the report on what was whole of it.
 */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/judge.h"
#include "cli/question.h"
#include "cli/report_growth.h"
#include "cli/report_many.h"
#include "cli/tracemalloc.h"
#include "trace/xmalloc.h"

enum {
	TEXT_LIMIT = 20, /* rows */
	MAPPINGS_LIMIT = 5, /* rows below those of the heap */
	FORMATS_OF_GROWTH = 2, /* text and JSON */
	KEY_FORMAT = 0x100,
	KEY_STRICT,
	KEY_FULL,
	KEY_LIFETIMES,
	KEY_REALLOCS,
	KEY_GROWTH,
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0,
	  "text, json, csv, tsv or tracemalloc", 0 },
	{ "full", KEY_FULL, NULL, 0,
	  "text: shorten nothing, show stacks below main", 0 },
	{ "lifetimes", KEY_LIFETIMES, NULL, 0,
	  "the shortest, median and longest life of each row's freed blocks",
	  0 },
	{ "reallocs", KEY_REALLOCS, NULL, 0,
	  "how often realloc moved blocks, the bytes copied, and how many "
	  "calls one block took",
	  0 },
	{ "growth", KEY_GROWTH, "MARK", OPTION_ARG_OPTIONAL,
	  "by how much each row grows from one MARK to the next, or from one "
	  "of those that are there most often",
	  0 },
	{ "strict", KEY_STRICT, NULL, 0, "fail when the trace is incomplete",
	  0 },
	{ 0 },
};

static const struct {
	const char *name;
	void (*write)(const struct report *r);
	void (*write_many)(const struct report_many *m);
	size_t limit;
} formats[] = {
	{ "text", report_text, report_many_text, TEXT_LIMIT },
	{ "json", report_json, report_many_json, 0 },
	{ "csv", report_csv, report_many_csv, 0 },
	{ "tsv", report_tsv, report_many_tsv, 0 },
	{ "tracemalloc", report_tracemalloc, NULL, TEXT_LIMIT },
};

struct settings {
	const char **specs; /* owned */
	size_t count, room;
	struct question question;
	size_t format;
	bool strict, full;
	bool growth;
	const char *mark; /* NULL the most frequent */
};

static size_t parse_format(const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return i;
	argp_error(state, "no format '%s': text, json, csv, tsv or tracemalloc",
		   arg);
	return 0;
}

static void add_trace(struct settings *s, const char *spec)
{
	s->specs = xgrow(s->specs, &s->room, s->count + 1, sizeof(*s->specs));
	s->specs[s->count++] = spec;
}

static void check(const struct settings *s, struct argp_state *state)
{
	if (!s->count)
		argp_error(state, "which trace?");
	if (s->count > 1 && !report_many_is_possible(&s->question.query))
		argp_error(state, "many traces are put together by line, "
				  "function, file, module or size, without "
				  "--lifetimes and --reallocs");
	if (s->count > 1 && !formats[s->format].write_many)
		argp_error(state, "%s is of one trace",
			   formats[s->format].name);
	if (formats[s->format].write == report_tracemalloc &&
	    !tracemalloc_groups_by(s->question.query.by))
		argp_error(state,
			   "tracemalloc groups by line, file or stack only");
	if (s->growth && (s->count > 1 || s->format >= FORMATS_OF_GROWTH))
		argp_error(state, "growth is shown of one trace, as text or "
				  "JSON");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->question;
		state->child_inputs[2] = &s->question;
		return 0;
	case KEY_FORMAT:
		s->format = parse_format(arg, state);
		return 0;
	case KEY_STRICT:
		s->strict = true;
		return 0;
	case KEY_FULL:
		s->full = true;
		return 0;
	case KEY_LIFETIMES:
		s->question.query.lifetimes = true;
		return 0;
	case KEY_REALLOCS:
		s->question.query.growth = true;
		return 0;
	case KEY_GROWTH:
		s->growth = true;
		s->mark = arg;
		return 0;
	case ARGP_KEY_ARG:
		add_trace(s, arg);
		return 0;
	case ARGP_KEY_END:
		check(s, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE[@WHEN]...",
	.doc = "Show where memory went.\v"
	       "TRACE is a file that 'memprof run' wrote, or TRACE@WHEN: @end, "
	       "@peak, @12.5s, @50%, @mark:NAME. A row is charged to "
	       "the innermost line outside allocators and their wrappers. "
	       "Rows are sorted by peak unless told otherwise. The figures of "
	       "several traces are added up.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

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

static size_t limit_of(const struct settings *s)
{
	return s->question.has_limit ? s->question.query.limit
				     : formats[s->format].limit;
}

static int show_growth(struct report *r, const struct settings *s)
{
	struct err err;
	int status;

	r->trends = profile_trends(r->profile, &r->query, s->mark, &err);
	if (!r->trends) {
		command_message("%s: %s", s->specs[0], err.text);
		return COMMAND_FAILED;
	}
	if (s->format)
		report_growth_json(r);
	else
		report_growth_text(r);
	status = command_finish(COMMAND_OK);
	return status ? status
		      : judge_trace(r->profile, s->specs[0], s->strict);
}

static int show(struct profile *p, const struct settings *s)
{
	struct report r = { .profile = p,
			    .query = s->question.query,
			    .full = s->full };
	struct err err;
	int status;

	r.query.limit = limit_of(s);
	if (s->growth)
		return show_growth(&r, s);
	if (ask(&r, &err) < 0) {
		command_message("%s: %s", s->specs[0], err.text);
		return COMMAND_FAILED;
	}
	formats[s->format].write(&r);
	status = command_finish(COMMAND_OK);
	return status ? status : judge_trace(p, s->specs[0], s->strict);
}

static int show_one(const struct settings *s, const struct profile_options *o)
{
	struct err err;
	struct profile *p = profile_open(s->specs[0], o, &err);
	int status = COMMAND_FAILED;

	if (p)
		status = show(p, s);
	else
		command_message("%s", err.text);
	profile_close(p);
	return status;
}

static int show_many(const struct settings *s, const struct profile_options *o)
{
	struct report_many m = { .query = s->question.query,
				 .specs = s->specs,
				 .count = s->count,
				 .full = s->full,
				 .strict = s->strict };

	m.query.limit = limit_of(s);
	return report_many(&m, o, formats[s->format].write_many);
}

int cmd_report(int argc, char **argv)
{
	struct settings s = { .question.query.sort = QUERY_PEAK };
	struct profile_options o;
	int status;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	o = question_options(&s.question);
	status = s.count > 1 ? show_many(&s, &o) : show_one(&s, &o);
	free(s.specs);
	question_release(&s.question);
	return status;
}
