/*
 * hints - findings, each with its evidence, what to do, and where to read on.
 */
#include <stdint.h>
#include <stdio.h>

#include "analyzer/hints.h"
#include "cli/command.h"
#include "cli/hints_json.h"
#include "cli/hints_text.h"

enum {
	KEY_FORMAT = 0x100,
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0, "text (the default) or json", 0 },
	{ 0 },
};

struct settings {
	const char *spec;
	bool is_json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case KEY_FORMAT:
		s->is_json = command_is_json(arg, state);
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->spec, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Show what could be done about the memory that a program takes.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

static int show(struct profile *p, const struct settings *s)
{
	const struct query_hints *hints;
	struct err err;

	hints = profile_hints(p, &err);
	if (!hints) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	if (s->is_json)
		hints_json(p, hints);
	else
		hints_text(p, s->spec, hints);
	return command_finish(COMMAND_OK);
}

int cmd_hints(int argc, char **argv)
{
	struct settings s = { 0 };
	struct profile *p;
	struct err err;
	int status = COMMAND_FAILED;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	p = profile_open(s.spec, NULL, &err);
	if (p)
		status = show(p, &s);
	else
		command_message("%s", err.text);
	profile_close(p);
	return status;
}
