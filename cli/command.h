/*
 * command - the subcommands, and what they share.
 *
 * A subcommand gets its own arguments, argv[0] being "memprof: NAME" for
 * messages, and returns the exit status.
 */
#ifndef MEMPROF_CLI_COMMAND_H
#define MEMPROF_CLI_COMMAND_H

#include <argp.h>
#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

/* Exit statuses of all but run, which gives the program's. */
enum {
	COMMAND_OK = 0,
	COMMAND_GATE_FAILED = 1,
	COMMAND_USAGE = 2,
	COMMAND_FAILED = 3,
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

/* All of them, in order. */
const struct command *command_list(size_t *n);

int cmd_annotate(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_hints(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_leaks(int argc, char **argv);
int cmd_mark(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_symbolize(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_tree(int argc, char **argv);
int cmd_tui(int argc, char **argv);

/*
 * -h, --help and --usage: the child of every command's argp, which is parsed
 * with ARGP_NO_HELP.
 */
extern const struct argp command_help;

/*
 * When it is set, a command that begins to parse hands its argp over instead.
 * It does not come back.
 */
extern void (*command_tables)(const struct argp *argp);

/* Is the argument the format json? If it is not text either: usage. */
bool command_is_json(const char *arg, struct argp_state *state);

/* The argument as the number of a process, or an error of usage. */
pid_t command_pid(const char *arg, struct argp_state *state);
/* Parses the only argument of a command that takes a process, into *pid. */
error_t command_one_pid(int key, const char *arg, struct argp_state *state,
			pid_t *pid);

/*
 * The one trace that a command is about, from an argument; NULL: there is none.
 * Anything but one is an error of usage.
 */
error_t command_trace(const char **spec, const char *arg,
		      struct argp_state *state);

/* "memprof: " and the text, escaped, as one line on stderr. */
void command_message(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/*
 * Flush stdout. `status`, or COMMAND_FAILED with a message when not all could
 * be written; a reader that went away early is no failure.
 */
int command_finish(int status);

#endif
