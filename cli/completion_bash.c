/*
 * completion_bash - the script for bash.
 *
 * A word is completed by the option before it, else by the command. Options and
 * their values come apart at "=", as bash has it.
 */
#include "cli/completion.h"

#include <stdio.h>

static void print_name(const char *name, const char *help)
{
	(void)help;
	printf(" %s", name);
}

static void begin(void)
{
	fputs("# bash completion of memprof: source <(memprof completion "
	      "bash)\n"
	      "\n"
	      "_memprof_traces() {\n"
	      "\tcompopt -o filenames 2>/dev/null\n"
	      "\tCOMPREPLY=($(compgen -f -X '!*.mprof' -- \"$cur\")\n"
	      "\t\t$(compgen -d -- \"$cur\"))\n"
	      "}\n"
	      "\n"
	      "_memprof_files() {\n"
	      "\tcompopt -o filenames 2>/dev/null\n"
	      "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "}\n"
	      "\n"
	      "_memprof_programs() {\n"
	      "\t[ \"$1\" ] || COMPREPLY=($(compgen -c -- \"$cur\"))\n"
	      "\tCOMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	      "\tcompopt -o filenames 2>/dev/null\n"
	      "}\n"
	      "\n"
	      "_memprof_words() {\n"
	      "\tlocal list=\n"
	      "\t[[ $cur == *,* ]] && list=${cur%,*},\n"
	      "\tCOMPREPLY=($(compgen -P \"$list\" -W \"$1\" -- "
	      "\"${cur##*,}\"))\n"
	      "}\n"
	      "\n"
	      "_memprof() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} program= i\n"
	      "\tlocal option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal command=${COMP_WORDS[1]}\n"
	      "\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$cur\" = = ]; then\n"
	      "\t\tcur=\n"
	      "\telif [ \"$option\" = = ]; then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"--help --version",
	      stdout);
	completion_each(print_name);
	fputs("\" -- \"$cur\"))\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tcase $command in\n",
	      stdout);
}

static void begin_command(const struct completion_command *c)
{
	printf("\t%s)\n\t\tlocal options=\n", c->name);
}

static void print_value(const struct completion_option *o)
{
	switch (o->what) {
	case COMPLETION_WORD:
		printf("_memprof_words \"%s\"", o->words);
		break;
	case COMPLETION_FILE:
		fputs("_memprof_files", stdout);
		break;
	default:
		putchar(':');
	}
}

/* What is tested first is whether the word is the value of an option. */
static void option(const struct completion_command *c,
		   const struct completion_option *o)
{
	(void)c;
	if (!o->arg) {
		printf("\t\toptions+=' --%s'\n", o->name);
		return;
	}
	printf("\t\toptions+=' --%s='\n\t\tcase $option in\n\t\t--%s", o->name,
	       o->name);
	if (o->letter)
		printf(" | -%c", o->letter);
	fputs(") ", stdout);
	print_value(o);
	fputs("; return ;;\n\t\tesac\n", stdout);
}

static void end_command(const struct completion_command *c)
{
	if (c->what == COMPLETION_PROGRAM)
		fputs("\t\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
		      "\t\t\t[[ ${COMP_WORDS[i]} != -* &&\n"
		      "\t\t\t\t${COMP_WORDS[i]} != = &&\n"
		      "\t\t\t\t${COMP_WORDS[i - 1]} != -o &&\n"
		      "\t\t\t\t${COMP_WORDS[i - 1]} != = ]] &&\n"
		      "\t\t\t\tprogram=${COMP_WORDS[i]}\n"
		      "\t\tdone\n",
		      stdout);
	fputs("\t\tif [[ $cur == -* && ! $program ]]; then\n"
	      "\t\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
	      "\t\t\t[[ ${COMPREPLY-} == *= ]] &&\n"
	      "\t\t\t\tcompopt -o nospace 2>/dev/null\n"
	      "\t\t\treturn\n"
	      "\t\tfi\n",
	      stdout);
	switch (c->what) {
	case COMPLETION_TRACE:
		fputs("\t\t_memprof_traces\n", stdout);
		break;
	case COMPLETION_PROGRAM:
		fputs("\t\t_memprof_programs \"$program\"\n", stdout);
		break;
	case COMPLETION_FILE:
		fputs("\t\t_memprof_files\n", stdout);
		break;
	case COMPLETION_PID:
		fputs("\t\t_memprof_words \"$(cd /proc && echo [0-9]*)\"\n",
		      stdout);
		break;
	case COMPLETION_WORD:
		printf("\t\t_memprof_words \"%s\"\n", c->words);
		break;
	case COMPLETION_NOTHING:
		break;
	}
	fputs("\t\t;;\n", stdout);
}

static void end(void)
{
	fputs("\tesac\n"
	      "} &&\n"
	      "complete -F _memprof memprof\n",
	      stdout);
}

const struct completion_shell completion_bash = {
	.name = "bash",
	.begin = begin,
	.begin_command = begin_command,
	.option = option,
	.end_command = end_command,
	.end = end,
};
