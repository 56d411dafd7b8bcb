/*
 * tree - show who called whom to allocate.
 */
#include "cli/tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/judge.h"
#include "cli/question.h"

enum {
	KEY_BOTTOM_UP = 0x100,
	KEY_SORT,
	KEY_BY,
	KEY_MIN,
	KEY_DEPTH,
	KEY_LIMIT,
	KEY_LINES,
	KEY_FULL,
	KEY_FORMAT,
	KEY_STRICT,
};

static const struct argp_option options[] = {
	{ "bottom-up", KEY_BOTTOM_UP, NULL, 0,
	  "callees first: who allocates, and below it who called it", 0 },
	{ "sort", KEY_SORT, "METRIC", 0,
	  "largest first by peak (the default), live, leaked, allocated, "
	  "calls, temporary, freed or cyclic",
	  0 },
	{ "by", KEY_BY, "KEY", 0,
	  "thread or process: a tree for each, not one for all", 0 },
	{ "min", KEY_MIN, "SHARE", 0,
	  "leave out what has less: 1% (the default), or 64KiB, or a number",
	  0 },
	{ "depth", KEY_DEPTH, "N", 0, "show N levels, 0 for all", 0 },
	{ "limit", KEY_LIMIT, "N", 0,
	  "show N of what a node calls, 0 for all (the default)", 0 },
	{ "lines", KEY_LINES, NULL, 0, "tell the lines of a function apart",
	  0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text or json", 0 },
	{ "full", KEY_FULL, NULL, 0,
	  "show allocators, their wrappers and what runs before main; text: "
	  "shorten nothing",
	  0 },
	{ "strict", KEY_STRICT, NULL, 0, "fail when the trace is incomplete",
	  0 },
	{ 0 },
};

static const struct {
	const char *name;
	void (*write)(const struct tree *t);
} formats[] = {
	{ "text", tree_text },
	{ "json", tree_json },
};

struct settings {
	const char *spec;
	struct question question;
	struct tree tree;
	size_t format;
	bool strict;
};

static size_t parse_format(const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return i;
	argp_error(state, "no format '%s': text or json", arg);
	return 0;
}

static enum query_metric parse_metric(const char *arg, struct argp_state *state)
{
	int found = query_metric_from_name(arg);

	if (found < 0)
		argp_error(state, "no metric '%s': -h lists them", arg);
	return (enum query_metric)found;
}

static enum query_by parse_by(const char *arg, struct argp_state *state)
{
	int found = query_by_from_name(arg);

	if (found != QUERY_BY_THREAD && found != QUERY_BY_PROCESS)
		argp_error(state, "no tree by '%s': thread or process", arg);
	return (enum query_by)found;
}

/* "1%", "64KiB" or "1000". */
static void parse_min(struct tree *t, const char *arg, struct argp_state *state)
{
	static const struct {
		const char *name;
		double factor;
	} units[] = {
		{ "", 1 },	    { "B", 1 },		{ "K", 1 << 10 },
		{ "KiB", 1 << 10 }, { "M", 1 << 20 },	{ "MiB", 1 << 20 },
		{ "G", 1 << 30 },   { "GiB", 1 << 30 }, { "kB", 1e3 },
		{ "MB", 1e6 },	    { "GB", 1e9 },
	};
	size_t digits = strspn(arg, "0123456789.");
	char *end;
	double value = strtod(arg, &end);

	t->min_share = 0;
	t->min = 0;
	if (digits && end == arg + digits && strcmp(end, "%") == 0 &&
	    value <= 100) {
		t->min_share = value;
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!digits || end != arg + digits || value > 1e9 ||
		    strcmp(end, units[i].name) != 0)
			continue;
		t->min = (uint64_t)(value * units[i].factor);
		return;
	}
	argp_error(state, "'%s' is no share such as 1%% or 64KiB", arg);
}

static error_t parse_flag(int key, struct settings *s)
{
	switch (key) {
	case KEY_BOTTOM_UP:
		s->tree.options.bottom_up = true;
		return 0;
	case KEY_LINES:
		s->tree.options.lines = true;
		return 0;
	case KEY_FULL:
		s->tree.options.wrappers = true;
		s->tree.full = true;
		return 0;
	case KEY_STRICT:
		s->strict = true;
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
		state->child_inputs[1] = &s->question;
		state->child_inputs[2] = &s->question;
		return 0;
	case KEY_SORT:
		s->question.query.sort = parse_metric(arg, state);
		return 0;
	case KEY_BY:
		s->question.query.by = parse_by(arg, state);
		return 0;
	case KEY_MIN:
		parse_min(&s->tree, arg, state);
		return 0;
	case KEY_DEPTH:
		s->tree.depth = (size_t)question_number(arg, LONG_MAX, state);
		return 0;
	case KEY_LIMIT:
		s->tree.limit = (size_t)question_number(arg, LONG_MAX, state);
		return 0;
	case KEY_FORMAT:
		s->format = parse_format(arg, state);
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->spec, arg, state);
	default:
		return parse_flag(key, s);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE[@WHEN]",
	.doc = "Show who called whom to allocate.\v"
	       "TRACE is a file that 'memprof run' wrote. Callers stand above "
	       "what they call, and figures hold what was allocated below; "
	       "'own' is what a function allocated itself. Recursion is folded "
	       "into one node.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_scope_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

static int show(struct profile *p, struct settings *s)
{
	struct tree *t = &s->tree;
	struct err err;
	int status;

	t->profile = p;
	t->query = s->question.query;
	t->nodes = profile_tree(p, &t->query, &t->options, &err);
	if (!t->nodes) {
		command_message("%s: %s", s->spec, err.text);
		return COMMAND_FAILED;
	}
	formats[s->format].write(t);
	query_tree_close(t->nodes);
	status = command_finish(COMMAND_OK);
	return status ? status : judge_trace(p, s->spec, s->strict);
}

int cmd_tree(int argc, char **argv)
{
	struct settings s = {
		.question.query.sort = QUERY_PEAK,
		.tree.min_share = 1,
	};
	struct profile_options o;
	struct profile *p;
	struct err err;
	int status = COMMAND_FAILED;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	o = question_options(&s.question);
	p = profile_open(s.spec, &o, &err);
	if (p)
		status = show(p, &s);
	else
		command_message("%s", err.text);
	profile_close(p);
	question_release(&s.question);
	return status;
}
