/*
 * completion_zsh - the script for zsh, on top of its _arguments.
 */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

/* Within single quotes, and what _arguments takes for its own. */
static void print_help(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void print_name(const char *name, const char *help)
{
	printf("\t\t'%s:", name);
	print_help(help);
	fputs("'\n", stdout);
}

static void begin(void)
{
	fputs("#compdef memprof\n"
	      "# zsh completion of memprof: memprof completion zsh\n"
	      "\n"
	      "_memprof() {\n"
	      "\tlocal -a commands\n"
	      "\n"
	      "\tcommands=(\n",
	      stdout);
	completion_each(print_name);
	fputs("\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $words[1] in\n",
	      stdout);
}

static void begin_command(const struct completion_command *c)
{
	printf("\t%s)\n\t\t_arguments -S", c->name);
}

static void print_value(const struct completion_option *o)
{
	printf(":%s:", o->arg);
	if (o->what == COMPLETION_WORD && strcmp(o->arg, "LIST") == 0)
		printf("_values -s , %s %s", o->arg, o->words);
	else if (o->what == COMPLETION_WORD)
		printf("(%s)", o->words);
	else if (o->what == COMPLETION_FILE)
		fputs("_files", stdout);
	else
		putchar(' ');
}

static void option(const struct completion_command *c,
		   const struct completion_option *o)
{
	(void)c;
	fputs(" \\\n\t\t\t'--", stdout);
	fputs(o->name, stdout);
	if (o->arg)
		putchar('=');
	putchar('[');
	print_help(o->help);
	putchar(']');
	if (o->arg)
		print_value(o);
	putchar('\'');
	if (!o->letter)
		return;
	printf(" \\\n\t\t\t'-%c%s[", o->letter, o->arg ? "+" : "");
	print_help(o->help);
	putchar(']');
	if (o->arg)
		print_value(o);
	putchar('\'');
}

static void end_command(const struct completion_command *c)
{
	fputs(" \\\n\t\t\t", stdout);
	switch (c->what) {
	case COMPLETION_TRACE:
		fputs("'*:trace:_files -g \"*.mprof\"'", stdout);
		break;
	case COMPLETION_PROGRAM:
		fputs("'(-):program:_command_names -e' "
		      "'*::arguments:_normal'",
		      stdout);
		break;
	case COMPLETION_PID:
		fputs("'*:process:_pids'", stdout);
		break;
	case COMPLETION_WORD:
		printf("':word:(%s)'", c->words);
		break;
	default:
		fputs("'*:file:_files'", stdout);
	}
	fputs("\n\t\t;;\n", stdout);
}

static void end(void)
{
	fputs("\tesac\n"
	      "}\n"
	      "\n"
	      "if [ \"$funcstack[1]\" = _memprof ]; then\n"
	      "\t_memprof \"$@\"\n"
	      "else\n"
	      "\tcompdef _memprof memprof\n"
	      "fi\n",
	      stdout);
}

const struct completion_shell completion_zsh = {
	.name = "zsh",
	.begin = begin,
	.begin_command = begin_command,
	.option = option,
	.end_command = end_command,
	.end = end,
};
