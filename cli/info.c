/*
 * info - show what was run, and what the capture missed.
 */
#include <stdint.h>
#include <stdio.h>

#include "analyzer/query.h"
#include "cli/command.h"
#include "cli/info_json.h"
#include "cli/info_text.h"

enum {
	KEY_FORMAT = 0x100,
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0, "text (the default) or json", 0 },
	{ "verbose", 'v', NULL, 0, "list all threads and modules", 0 },
	{ 0 },
};

struct settings {
	const char *spec;
	bool is_json, is_verbose;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case KEY_FORMAT:
		s->is_json = command_is_json(arg, state);
		return 0;
	case 'v':
		s->is_verbose = true;
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
	.doc = "Show what was run and what the capture missed.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

static int show(struct profile *p, const struct settings *s)
{
	int status;

	if (s->is_json)
		info_json(p);
	else
		info_text(p, s->spec, s->is_verbose);
	status = command_finish(COMMAND_OK);
	if (profile_problem(p))
		command_message("%s: %s", s->spec, profile_problem(p));
	if (status == COMMAND_OK && profile_quality(p)->capture.damaged)
		status = COMMAND_FAILED;
	return status;
}

int cmd_info(int argc, char **argv)
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
