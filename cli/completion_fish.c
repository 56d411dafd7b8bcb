/*
 * completion_fish - the script for fish: one line for all that it may offer.
 */
#include "cli/completion.h"

#include <stdio.h>

/* Within single quotes. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void print_name(const char *name, const char *help)
{
	printf("complete -c memprof -f -n __fish_use_subcommand -a %s -d ",
	       name);
	print_quoted(help);
	putchar('\n');
}

static void begin(void)
{
	fputs("# fish completion of memprof: memprof completion fish | "
	      "source\n",
	      stdout);
	completion_each(print_name);
}

static void begin_line(const struct completion_command *c)
{
	printf("complete -c memprof -n '__fish_seen_subcommand_from %s'",
	       c->name);
}

static void begin_command(const struct completion_command *c)
{
	begin_line(c);
	switch (c->what) {
	case COMPLETION_TRACE:
		fputs(" -k -a '(__fish_complete_suffix .mprof)'", stdout);
		break;
	case COMPLETION_PROGRAM:
		fputs(" -a '(__fish_complete_subcommand)'", stdout);
		break;
	case COMPLETION_PID:
		fputs(" -x -a '(__fish_complete_pids)'", stdout);
		break;
	case COMPLETION_WORD:
		printf(" -x -a '%s'", c->words);
		break;
	default:
		fputs(" -F", stdout);
	}
	putchar('\n');
}

static void option(const struct completion_command *c,
		   const struct completion_option *o)
{
	begin_line(c);
	printf(" -l %s", o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (o->what == COMPLETION_WORD)
		printf(" -x -a '%s'", o->words);
	else if (o->what == COMPLETION_FILE)
		fputs(" -r -F", stdout);
	else if (o->arg)
		fputs(" -x", stdout);
	fputs(" -d ", stdout);
	print_quoted(o->help);
	putchar('\n');
}

static void end_command(const struct completion_command *c)
{
	(void)c;
}

static void end(void)
{
}

const struct completion_shell completion_fish = {
	.name = "fish",
	.begin = begin,
	.begin_command = begin_command,
	.option = option,
	.end_command = end_command,
	.end = end,
};
