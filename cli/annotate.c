/*
 * annotate - show figures beside every line of a function or file.
 */
#include "cli/annotate.h"

#include <limits.h>
#include <string.h>

#include "cli/command.h"
#include "cli/judge.h"
#include "cli/question.h"

enum {
	LISTINGS = 10, /* functions shown unless told */
	KEY_FORMAT = 0x100,
	KEY_COLUMNS,
	KEY_OWN,
	KEY_FULL,
	KEY_LIMIT,
};

static const char *const column_names[ANNOTATE_COLUMNS] = {
	[ANNOTATE_PEAK] = "peak",	    [ANNOTATE_NET] = "net",
	[ANNOTATE_CALLS] = "calls",	    [ANNOTATE_ALLOCATED] = "allocated",
	[ANNOTATE_TEMPORARY] = "temporary", [ANNOTATE_LIVE] = "live",
	[ANNOTATE_FREED] = "freed",	    [ANNOTATE_BLOCKS] = "blocks",
	[ANNOTATE_USAGE] = "usage",	    [ANNOTATE_INCREMENT] = "increment",
};

static const struct argp_option options[] = {
	{ "columns", KEY_COLUMNS, "LIST", 0,
	  "figures, with commas between: peak, net, calls, allocated, "
	  "temporary (these are the default), live, freed or blocks; of "
	  "Python also usage and increment (the default with calls)",
	  0 },
	{ "own", KEY_OWN, NULL, 0,
	  "only what is allocated at a line itself, not by what it calls", 0 },
	{ "limit", KEY_LIMIT, "N", 0,
	  "show N functions, 0 for all that fit (10 unless told)", 0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text or json", 0 },
	{ "full", KEY_FULL, NULL, 0, "text: leave no line out", 0 },
	{ 0 },
};

struct settings {
	const char *spec;
	struct question question;
	size_t limit;
	bool is_json;
	struct annotate annotate;
};

static void add_column(struct annotate *a, const char *name, size_t length,
		       struct argp_state *state)
{
	for (int i = 0; i < ANNOTATE_COLUMNS; i++) {
		if (strlen(column_names[i]) != length ||
		    strncmp(column_names[i], name, length) != 0)
			continue;
		if (a->column_count < ANNOTATE_COLUMNS)
			a->columns[a->column_count++] = (enum annotate_column)i;
		return;
	}
	argp_error(state, "no column '%.*s': -h lists them", (int)length, name);
}

static void parse_columns(struct annotate *a, const char *arg,
			  struct argp_state *state)
{
	size_t length;

	a->column_count = 0;
	for (;; arg += length + 1) {
		length = strcspn(arg, ",");
		add_column(a, arg, length, state);
		if (!arg[length])
			return;
	}
}

static error_t parse_argument(struct settings *s, const char *arg,
			      struct argp_state *state)
{
	if (!s->spec)
		s->spec = arg;
	else if (!s->annotate.target)
		s->annotate.target = arg;
	else
		argp_error(state, "one function or file at a time");
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->question;
		state->child_inputs[2] = &s->question;
		return 0;
	case KEY_COLUMNS:
		parse_columns(&s->annotate, arg, state);
		return 0;
	case KEY_OWN:
		s->annotate.own = true;
		return 0;
	case KEY_FULL:
		s->annotate.full = true;
		return 0;
	case KEY_FORMAT:
		s->is_json = command_is_json(arg, state);
		return 0;
	case KEY_LIMIT:
		s->limit = (size_t)question_number(arg, LONG_MAX, state);
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(s, arg, state);
	case ARGP_KEY_END:
		if (!s->annotate.target)
			argp_error(state, "which function or file of which "
					  "trace?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE FUNCTION\nTRACE FILE[:LINE]",
	.doc = "Show figures beside every line of a function or file.\v"
	       "A line is charged with what it allocates and what the "
	       "functions that it calls do. FUNCTION is a name in full or in "
	       "part, or a pattern (* and ?), such as 'parse', 'Class.method' "
	       "or 'module.function'; FILE is the end of a path.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_scope_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

static int show(struct settings *s)
{
	struct annotate *a = &s->annotate;
	struct err err;

	a->listings = profile_annotate(a->profile, a->target,
				       &s->question.query, a->own, &err);
	if (!a->listings) {
		command_message("%s: %s", s->spec, err.text);
		return COMMAND_FAILED;
	}
	a->shown = a->listings->count;
	if (s->limit && a->shown > s->limit && !a->listings->is_file)
		a->shown = s->limit;
	if (s->is_json)
		annotate_json(a);
	else
		annotate_text(a);
	return command_finish(COMMAND_OK);
}

int cmd_annotate(int argc, char **argv)
{
	struct settings s = {
		.question.query.sort = QUERY_ALLOCATED,
		.limit = LISTINGS,
	};
	struct profile_options o;
	struct err err;
	int status;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	o = question_options(&s.question);
	s.annotate.profile = profile_open(s.spec, &o, &err);
	if (s.annotate.profile) {
		status = show(&s);
		if (!status)
			status = judge_trace(s.annotate.profile, s.spec, false);
	} else {
		command_message("%s", err.text);
		status = COMMAND_FAILED;
	}
	profile_close(s.annotate.profile);
	question_release(&s.question);
	return status;
}
