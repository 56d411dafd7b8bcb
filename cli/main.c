/*
 * main - find the subcommand and run it.
 *
 * To add `memprof foo`: write cmd_foo() in cli/foo.c, declare it in command.h,
 * add one row below, and write man/memprof-foo.1 and tests/cases/foo-*.test.
 * tests/lint/commands fails until the row, the page and `foo -h` agree.
 */
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "text/escape.h"
#include "cli/progress.h"
#include "cli/shield.h"

static const struct command commands[] = {
	{ "annotate", cmd_annotate, "show figures beside source lines" },
	{ "attach", cmd_attach, "record a program that is running" },
	{ "check", cmd_check, "judge traces or a program by limits" },
	{ "completion", cmd_completion, "complete command lines in shells" },
	{ "detach", cmd_detach, "let a program go that was attached to" },
	{ "diff", cmd_diff, "show what changed between two traces" },
	{ "doctor", cmd_doctor, "say what would make a capture poor" },
	{ "export", cmd_export, "write a trace in another tool's format" },
	{ "hints", cmd_hints, "say what could be done about it" },
	{ "info", cmd_info, "show what was run and what the capture missed" },
	{ "leaks", cmd_leaks, "say what was lost, and who holds the rest" },
	{ "mark", cmd_mark, "name this instant of a run" },
	{ "plot", cmd_plot, "show memory over time" },
	{ "push", cmd_push, "send a trace to a profiling server" },
	{ "report", cmd_report, "show where memory went" },
	{ "run", cmd_run, "run a program and trace its allocations" },
	{ "symbolize", cmd_symbolize, "make a trace readable anywhere" },
	{ "top", cmd_top, "show what a program that is recorded holds" },
	{ "tree", cmd_tree, "show who called whom to allocate" },
	{ "tui", cmd_tui, "look through a trace in the terminal" },
};

/* Those that read traces and symbols only, and need be nobody's parent. */
static int (*const shielded[])(int argc, char **argv) = {
	cmd_annotate, cmd_diff,	  cmd_export,	 cmd_info, cmd_leaks,
	cmd_plot,     cmd_report, cmd_symbolize, cmd_tree,
};

enum {
	COMMANDS = sizeof(commands) / sizeof(*commands),
};

const struct command *command_list(size_t *n)
{
	*n = COMMANDS;
	return commands;
}

static void print_help(FILE *out)
{
	fputs("Usage: memprof COMMAND [ARGUMENT...]\n"
	      "Find out where a program's memory goes.\n\n",
	      out);
	for (int i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].help);
	fputs("\n"
	      "  -h, --help     print this help\n"
	      "  -V, --version  print the version\n\n"
	      "'memprof COMMAND -h' tells more about a command, "
	      "'man memprof' about all.\n"
	      "Begin with: memprof run ./program; memprof report "
	      "program.PID.mprof\n",
	      out);
}

static bool is_either(const char *arg, const char *one, const char *other)
{
	return strcmp(arg, one) == 0 || strcmp(arg, other) == 0;
}

static int run(const struct command *c, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(shielded) / sizeof(*shielded); i++) {
		if (shielded[i] == c->run)
			return shield_run(c->run, argc, argv);
	}
	return c->run(argc, argv);
}

static int refuse(const char *name)
{
	fputs("memprof: '", stderr);
	escape_print(stderr, name);
	fputs(name[0] == '-' ? "' is no option" : "' is no command", stderr);
	fputs(": 'memprof -h' lists them\n", stderr);
	return COMMAND_USAGE;
}

int main(int argc, char **argv)
{
	char name[64];

	/* Widths of characters in tables; everything else stays plain C. */
	setlocale(LC_CTYPE, "");
	argp_err_exit_status = COMMAND_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return COMMAND_USAGE;
	}
	if (is_either(argv[1], "-h", "--help") ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return command_finish(COMMAND_OK);
	}
	if (is_either(argv[1], "-V", "--version")) {
		puts("memprof " MEMPROF_VERSION);
		return command_finish(COMMAND_OK);
	}
	for (int i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		snprintf(name, sizeof(name), "memprof: %s", commands[i].name);
		argv[1] = name;
		progress_show();
		return run(&commands[i], argc - 1, argv + 1);
	}
	return refuse(argv[1]);
}
