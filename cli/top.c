/*
 * top - what a program that is being recorded holds, now.
 *
 * The collector writes a trace that can be read at any time. It is read again
 * each second; the program does not notice.
 */
#include <stdio.h>

#include "cli/browse.h"
#include "cli/command.h"
#include "cli/traced.h"

struct settings {
	struct browse browse;
	pid_t pid;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->browse;
		return 0;
	default:
		return command_one_pid(key, arg, state, &s->pid);
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "PID",
	.doc = "Show what a program that is being recorded holds, now.\v"
	       "PID is a process that 'memprof run' started or 'memprof "
	       "attach' "
	       "records. What is shown is read again each second; 'p' pauses, "
	       "'a' compares with now, '?' lists the keys.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &browse_argp, 0, NULL, 0 },
					   { 0 } },
};

int cmd_top(int argc, char **argv)
{
	struct settings s = { .browse = browse_default() };
	struct tui_options *o = &s.browse.tui;
	char path[32];
	struct err err;
	int fd;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (!s.browse.has_metric)
		o->metric = QUERY_LIVE;
	fd = traced_open(s.pid, &err);
	if (fd < 0) {
		command_message("%s", err.text);
		question_release(&s.browse.question);
		return COMMAND_FAILED;
	}
	/* Whatever it is called, and also when who writes it has ended. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o->spec[o->specs++] = path;
	o->is_live = true;
	return browse_run(&s.browse);
}
