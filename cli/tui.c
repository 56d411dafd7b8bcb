/*
 * tui - look through a trace in the terminal.
 */
#include "tui/tui.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/question.h"

enum {
	ROWS = 24, /* of a script's screen */
	COLUMNS = 80,
	KEY_SORT = 0x100,
	KEY_SCRIPT,
	KEY_SCREEN,
	KEY_SIZE,
};

static const struct argp_option options[] = {
	{ "sort", KEY_SORT, "METRIC", 0,
	  "begin with peak (the default; live of two traces), live, leaked, "
	  "allocated, calls, temporary or freed",
	  0 },
	{ "script", KEY_SCRIPT, "KEYS", 0,
	  "without a terminal: press KEYS, such as 'jj<Enter>', and end", 0 },
	{ "screen", KEY_SCREEN, "FILE", 0,
	  "write the last screen there as text, - for standard output", 0 },
	{ "size", KEY_SIZE, "COLUMNSxROWS", 0,
	  "the screen of a script, 80x24 unless told", 0 },
	{ 0 },
};

struct settings {
	struct tui_options tui;
	struct question question;
	bool has_metric;
};

static void parse_size(struct tui_options *o, const char *arg,
		       struct argp_state *state)
{
	int used = 0;

	if (sscanf(arg, "%4dx%4d%n", &o->columns, &o->rows, &used) != 2 ||
	    arg[used] || o->columns < 1 || o->rows < 1)
		argp_error(state, "'%s' is no size such as 80x24", arg);
}

static void parse_metric(struct settings *s, const char *arg,
			 struct argp_state *state)
{
	int found = query_metric_from_name(arg);

	if (found < 0)
		argp_error(state, "no metric '%s': -h lists them", arg);
	s->tui.metric = (enum query_metric)found;
	s->has_metric = true;
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
		parse_metric(s, arg, state);
		return 0;
	case KEY_SCRIPT:
		s->tui.script = arg;
		return 0;
	case KEY_SCREEN:
		s->tui.screen = arg;
		return 0;
	case KEY_SIZE:
		parse_size(&s->tui, arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (s->tui.specs == 2)
			argp_error(state, "two traces at most");
		s->tui.spec[s->tui.specs++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE[@WHEN] [AFTER[@WHEN]]",
	.doc = "Look through a trace in the terminal.\v"
	       "With two traces, what changed from the first to the second. "
	       "'?' lists the keys, 'q' quits.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_scope_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

int cmd_tui(int argc, char **argv)
{
	struct settings s = {
		.tui = { .metric = QUERY_PEAK,
			 .rows = ROWS,
			 .columns = COLUMNS },
	};
	struct err err;
	int status = COMMAND_OK;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (s.tui.specs == 2 && !s.has_metric)
		s.tui.metric = QUERY_LIVE;
	s.tui.profile = question_options(&s.question);
	s.tui.kind = s.question.query.kind;
	s.tui.pid = s.question.query.pid;
	s.tui.where = s.question.where ? where_text(s.question.where) : NULL;
	if (tui_run(&s.tui, &err) < 0) {
		command_message("%s", err.text);
		status = COMMAND_FAILED;
	}
	question_release(&s.question);
	return command_finish(status);
}
