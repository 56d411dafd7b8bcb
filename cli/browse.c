/*
 * browse - see browse.h.
 */
#include "cli/browse.h"

#include <stdio.h>

#include "cli/command.h"

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
	  "allocated, calls, temporary, freed or cyclic",
	  0 },
	{ "script", KEY_SCRIPT, "KEYS", 0,
	  "without a terminal: press KEYS, such as 'jj<Enter>', and end", 0 },
	{ "screen", KEY_SCREEN, "FILE", 0,
	  "write the last screen there as text, - for standard output", 0 },
	{ "size", KEY_SIZE, "COLUMNSxROWS", 0,
	  "the screen of a script, 80x24 unless told", 0 },
	{ 0 },
};

static void parse_size(struct tui_options *o, const char *arg,
		       struct argp_state *state)
{
	int used = 0;

	if (sscanf(arg, "%4dx%4d%n", &o->columns, &o->rows, &used) != 2 ||
	    arg[used] || o->columns < 1 || o->rows < 1)
		argp_error(state, "'%s' is no size such as 80x24", arg);
}

static void parse_metric(struct browse *b, const char *arg,
			 struct argp_state *state)
{
	int found = query_metric_from_name(arg);

	if (found < 0)
		argp_error(state, "no metric '%s': -h lists them", arg);
	b->tui.metric = (enum query_metric)found;
	b->has_metric = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct browse *b = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &b->question;
		state->child_inputs[1] = &b->question;
		return 0;
	case KEY_SORT:
		parse_metric(b, arg, state);
		return 0;
	case KEY_SCRIPT:
		b->tui.script = arg;
		return 0;
	case KEY_SCREEN:
		b->tui.screen = arg;
		return 0;
	case KEY_SIZE:
		parse_size(&b->tui, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp browse_argp = {
	.options = options,
	.parser = parse,
	.children = (struct argp_child[]){ { &question_scope_argp, 0, NULL, 0 },
					   { &question_range_argp, 0, NULL, 0 },
					   { 0 } },
};

struct browse browse_default(void)
{
	return (struct browse){
		.tui = { .metric = QUERY_PEAK,
			 .rows = ROWS,
			 .columns = COLUMNS },
	};
}

int browse_run(struct browse *b)
{
	struct question *q = &b->question;
	int status = COMMAND_OK;
	struct err err;

	b->tui.profile = question_options(q);
	b->tui.kind = q->query.kind;
	b->tui.pid = q->query.pid;
	b->tui.where = q->where ? where_text(q->where) : NULL;
	if (tui_run(&b->tui, &err) < 0) {
		command_message("%s", err.text);
		status = COMMAND_FAILED;
	}
	question_release(q);
	return command_finish(status);
}
