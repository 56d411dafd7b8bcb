/*
 * diff - show what changed between two traces, or two instants of one.
 *
 * Asks the analyzer once and leaves the rest to the writer of the format. What
 * is wrong with a trace is said on stderr.
 */
#include "cli/diff.h"

#include <string.h>

#include "cli/command.h"
#include "cli/judge.h"
#include "cli/question.h"
#include "cli/tracemalloc.h"

enum {
	TEXT_LIMIT = 20, /* rows */
	KEY_FORMAT = 0x100,
	KEY_ALL,
	KEY_FULL,
	KEY_STRICT,
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0,
	  "text, tracemalloc, json, csv or tsv", 0 },
	{ "all", KEY_ALL, NULL, 0, "also rows that did not change", 0 },
	{ "full", KEY_FULL, NULL, 0,
	  "text: shorten nothing, show stacks below main", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "fail when a trace is incomplete", 0 },
	{ 0 },
};

static const struct {
	const char *name;
	void (*write)(const struct diff *d);
	size_t limit;
} formats[] = {
	{ "text", diff_text, TEXT_LIMIT },
	{ "tracemalloc", diff_tracemalloc, TEXT_LIMIT },
	{ "json", diff_json, 0 },
	{ "csv", diff_csv, 0 },
	{ "tsv", diff_tsv, 0 },
};

struct settings {
	const char *spec[2];
	size_t specs;
	struct question question;
	size_t format;
	bool all, full, strict;
};

static size_t parse_format(const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return i;
	argp_error(state, "no format '%s': text, tracemalloc, json, csv or tsv",
		   arg);
	return 0;
}

static error_t parse_argument(struct settings *s, const char *arg,
			      struct argp_state *state)
{
	if (s->specs == 2)
		argp_error(state, "two traces at a time");
	s->spec[s->specs++] = arg;
	return 0;
}

static void check(const struct settings *s, struct argp_state *state)
{
	enum query_by by = s->question.query.by;

	if (s->specs < 2)
		argp_error(state, "which two traces?");
	if (formats[s->format].write == diff_tracemalloc &&
	    !tracemalloc_groups_by(by))
		argp_error(state,
			   "tracemalloc groups by line, file or stack only");
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
	case KEY_ALL:
		s->all = true;
		return 0;
	case KEY_FULL:
		s->full = true;
		return 0;
	case KEY_STRICT:
		s->strict = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(s, arg, state);
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
	.args_doc = "BEFORE AFTER",
	.doc = "Show what changed between two traces, or two instants of one.\v"
	       "BEFORE and AFTER are TRACE or TRACE@WHEN. Places are matched "
	       "by function and the text of the line, so that a line that "
	       "moved is not a new one. Rows are sorted by the change of live "
	       "unless told otherwise.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

const struct query_row *diff_subject(const struct query_diff_row *row)
{
	return row->after ? row->after : row->before;
}

struct profile *diff_owner(const struct diff *d,
			   const struct query_diff_row *row)
{
	return d->profile[row->after ? 1 : 0];
}

uint64_t diff_value(const struct query_row *row, enum query_metric m)
{
	return row ? query_metric_of(&row->counts, m) : 0;
}

uint64_t diff_blocks(const struct query_row *row, enum query_metric m)
{
	if (!row)
		return 0;
	switch (m) {
	case QUERY_LIVE:
		return row->counts.live_blocks;
	case QUERY_PEAK:
		return row->counts.peak_blocks;
	case QUERY_LEAKED:
		return row->counts.leaked_blocks;
	case QUERY_FREED:
		return row->counts.frees;
	default:
		return row->counts.calls;
	}
}

static int show(struct diff *d, const struct settings *s)
{
	struct err err;
	int status;

	if (!s->question.has_limit)
		d->query.limit = formats[s->format].limit;
	if (d->profile[0] == d->profile[1])
		d->result = profile_diff_instants(d->profile[0], d->when,
						  &d->query, s->all, &err);
	else
		d->result = profile_diff(d->profile[0], d->profile[1],
					 &d->query, s->all, &err);
	if (!d->result) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	formats[s->format].write(d);
	status = command_finish(COMMAND_OK);
	for (int i = 0; i < 2 && !status; i++)
		status = judge_trace(d->profile[i], d->spec[i], s->strict);
	return status;
}

/* A trace that is compared with itself is opened, and symbolized, once. */
static int open_both(struct diff *d, const struct settings *s)
{
	struct profile_options o = question_options(&s->question);
	struct err err = { "" };

	for (int i = 0; i < 2; i++) {
		d->spec[i] = s->spec[i];
		if (i &&
		    profile_is_file(d->profile[0], s->spec[1], &d->when[1]))
			d->profile[1] = d->profile[0];
		else
			d->profile[i] = profile_open(s->spec[i], &o, &err);
		if (!d->profile[i]) {
			command_message("%s", err.text);
			return COMMAND_FAILED;
		}
		if (d->profile[1] != d->profile[0])
			d->when[i] = profile_instant(d->profile[i]);
	}
	return COMMAND_OK;
}

int cmd_diff(int argc, char **argv)
{
	struct settings s = { .question.query.sort = QUERY_LIVE };
	struct diff d = { 0 };
	int status;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	d.query = s.question.query;
	d.full = s.full;
	status = open_both(&d, &s);
	if (!status)
		status = show(&d, &s);
	if (d.profile[1] != d.profile[0])
		profile_close(d.profile[1]);
	profile_close(d.profile[0]);
	question_release(&s.question);
	return status;
}
