/*
 * command - what the subcommands share; see command.h.
 */
#include "cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

enum {
	KEY_USAGE = 0x100,
};

static const struct argp_option help_options[] = {
	{ "help", 'h', NULL, 0, "print this help", -1 },
	{ "usage", KEY_USAGE, NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

void (*command_tables)(const struct argp *argp);

/*
 * What argp has to say of a mistake, up to the advice to try --help that it
 * ends with: a mistake is one line.
 */
static ssize_t write_mistake(void *cookie, const char *text, size_t size)
{
	static bool told;

	(void)cookie;
	told = told || (size >= 4 && memcmp(text, "Try ", 4) == 0);
	if (!told)
		fwrite(text, 1, size, stderr);
	return (ssize_t)size;
}

static FILE *mistakes(void)
{
	static FILE *f;

	if (f)
		return f;
	f = fopencookie(NULL, "w",
			(cookie_io_functions_t){ .write = write_mistake });
	if (!f)
		return stderr;
	setvbuf(f, NULL, _IOLBF, BUFSIZ);
	return f;
}

/* The command's name in the usage; in messages it stands behind a colon. */
static void print_help(struct argp_state *state, unsigned int what)
{
	const char *name = strchr(state->name, ' ');
	char full[64];

	snprintf(full, sizeof(full), "memprof%s", name ? name : "");
	state->name = full;
	argp_state_help(state, stdout, what);
}

static error_t parse_help(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = mistakes();
		if (command_tables)
			command_tables(state->root_argp);
		return 0;
	case 'h':
		print_help(state, ARGP_HELP_STD_HELP);
		return 0;
	case KEY_USAGE:
		print_help(state, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp command_help = {
	.options = help_options,
	.parser = parse_help,
};

error_t command_trace(const char **spec, const char *arg,
		      struct argp_state *state)
{
	if (!arg)
		argp_error(state, "which trace?");
	else if (*spec)
		argp_error(state, "one trace at a time");
	else
		*spec = arg;
	return 0;
}

bool command_is_json(const char *arg, struct argp_state *state)
{
	bool is_json = strcmp(arg, "json") == 0;

	if (!is_json && strcmp(arg, "text") != 0)
		argp_error(state, "no format '%s': text or json", arg);
	return is_json;
}

pid_t command_pid(const char *arg, struct argp_state *state)
{
	char *end;
	long pid = strtol(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || pid <= 0 || pid > INT_MAX)
		argp_error(state, "'%s' is no number of a process", arg);
	return (pid_t)pid;
}

error_t command_one_pid(int key, const char *arg, struct argp_state *state,
			pid_t *pid)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (*pid)
			argp_error(state, "one process at a time");
		*pid = command_pid(arg, state);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which process?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void command_message(const char *format, ...)
{
	char *text = NULL;
	va_list ap;
	int length;

	va_start(ap, format);
	length = vasprintf(&text, format, ap);
	va_end(ap);
	if (length < 0)
		return;
	fputs("memprof: ", stderr);
	escape_print(stderr, text);
	fputc('\n', stderr);
	free(text);
}

int command_finish(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return status;
	/* Who failed has said why, and one line is enough. */
	if (errno == EPIPE || status == COMMAND_FAILED)
		return status;
	command_message("cannot write the output: %s",
			errno ? strerror(errno) : "some of it was refused");
	return COMMAND_FAILED;
}
