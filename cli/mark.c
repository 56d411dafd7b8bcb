/*
 * mark - name this instant of a run that is under way, from outside.
 *
 * The same door takes the orders to switch recording on and off.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/door.h"

enum {
	KEY_START = 0x100,
	KEY_STOP,
};

static const struct argp_option options[] = {
	{ "start", KEY_START, NULL, 0, "switch recording on", 0 },
	{ "stop", KEY_STOP, NULL, 0, "switch recording off", 0 },
	{ 0 },
};

struct settings {
	const char *pid, *name;
	enum door_verb verb;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case KEY_START:
		s->verb = DOOR_START;
		return 0;
	case KEY_STOP:
		s->verb = DOOR_STOP;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			s->pid = arg;
		else if (state->arg_num == 1)
			s->name = arg;
		else
			argp_error(state, "one name at a time");
		return 0;
	case ARGP_KEY_END:
		if (!s->pid)
			argp_error(state, "which process?");
		if (s->verb == DOOR_MARK && (!s->name || !*s->name))
			argp_error(state, "which name?");
		if (s->verb != DOOR_MARK && s->name)
			argp_error(state, "'%s' is too much", s->name);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PID NAME\n--start PID\n--stop PID",
	.doc = "Give this instant of a traced process' run a name.\v"
	       "PID is any process of the run, or the memprof that traces it. "
	       "TRACE@mark:NAME then asks about the instant.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

static int parse_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	return *text && !*end && pid > 0 && pid <= INT32_MAX ? (int)pid : 0;
}

int cmd_mark(int argc, char **argv)
{
	struct settings s = { .verb = DOOR_MARK };
	struct door_order order = { .magic = DOOR_MAGIC };
	struct err err;
	int pid;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	pid = parse_pid(s.pid);
	if (!pid) {
		command_message("'%s' is no process id", s.pid);
		return COMMAND_USAGE;
	}
	if (s.name && strlen(s.name) >= sizeof(order.name)) {
		command_message("the name is too long");
		return COMMAND_USAGE;
	}
	order.verb = s.verb;
	order.pid = pid;
	strcpy(order.name, s.name ? s.name : "");
	if (door_order(&order, NULL, &err) == 0)
		return COMMAND_OK;
	command_message("%s: %s", s.pid, err.text);
	return COMMAND_FAILED;
}
