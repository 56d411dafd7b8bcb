/*
 * tui - look through a trace in the terminal.
 */
#include "cli/browse.h"
#include "cli/command.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct browse *b = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = b;
		return 0;
	case ARGP_KEY_ARG:
		if (b->tui.specs == 2)
			argp_error(state, "two traces at most");
		b->tui.spec[b->tui.specs++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "TRACE[@WHEN] [AFTER[@WHEN]]",
	.doc = "Look through a trace in the terminal.\v"
	       "With two traces, what changed from the first to the second. "
	       "'?' lists the keys, 'q' quits.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &browse_argp, 0, NULL, 0 },
					   { 0 } },
};

int cmd_tui(int argc, char **argv)
{
	struct browse b = browse_default();

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &b);
	if (b.tui.specs == 2 && !b.has_metric)
		b.tui.metric = QUERY_LIVE;
	return browse_run(&b);
}
