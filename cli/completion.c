/*
 * Design
 * ------
 * Options come from the tables that -h is made of. No command says them: each
 * is run in a process of its own, and when it begins to parse, command_help,
 * which is a child of every command's argp, hands its tables to show_tables()
 * instead. So a new option or command is completed without a line here.
 *
 * The words of an argument are those that its help lists: "heap (the default)
 * or mapping".
 */
#include "cli/completion.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/query.h"
#include "cli/command.h"

static const struct completion_shell *const shells[] = {
	&completion_bash,
	&completion_zsh,
	&completion_fish,
};

enum {
	SHELLS = sizeof(shells) / sizeof(*shells),
};

static const struct completion_shell *shell;
/* Of the process that shows one. */
static struct completion_command command;

/*
 * Words
 */

static void add_word(char *words, const char *word, size_t length)
{
	size_t used = strlen(words);

	if (used + length + 2 > COMPLETION_WORDS)
		return;
	if (used)
		words[used++] = ' ';
	memcpy(words + used, word, length);
	words[used + length] = '\0';
}

/* Before blanks, and what stands in brackets before `end`. */
static const char *before_remark(const char *start, const char *end)
{
	while (end > start && end[-1] == ' ')
		end--;
	if (end > start && end[-1] == ')')
		while (end > start && *--end != '(')
			;
	while (end > start && end[-1] == ' ')
		end--;
	return end;
}

static const char *word_before(const char *start, const char *end)
{
	while (end > start && (isalnum((unsigned char)end[-1]) ||
			       end[-1] == '-' || end[-1] == '_'))
		end--;
	return end;
}

/* "a, b (why) or c", wherever it stands in the text. */
static void find_words(const char *help, char *words)
{
	const char * or = strstr(help, " or "), *end, *word;
	size_t last =
		or ? strspn(or +4, "abcdefghijklmnopqrstuvwxyz0123456789") : 0;

	if (!last)
		return;
	add_word(words, or +4, last);
	for (end = or ;; end = word - 2) {
		end = before_remark(help, end);
		word = word_before(help, end);
		if (word == end)
			return;
		add_word(words, word, (size_t)(end - word));
		if (word - help < 2 || word[-1] != ' ' || word[-2] != ',')
			return;
	}
}

static bool is_arg(const struct completion_option *o, const char *arg)
{
	return strcmp(o->arg, arg) == 0;
}

static void add_names(struct completion_option *o)
{
	for (int i = 0; i < QUERY_BYS && is_arg(o, "KEY"); i++) {
		const char *name = query_by_name((enum query_by)i);

		add_word(o->words, name, strlen(name));
	}
	for (int i = 0; i < QUERY_METRICS && is_arg(o, "METRIC"); i++) {
		const char *name = query_metric_name((enum query_metric)i);

		add_word(o->words, name, strlen(name));
	}
}

static void find_argument(struct completion_option *o)
{
	if (!o->arg)
		return;
	if (is_arg(o, "FILE") || is_arg(o, "DIR"))
		o->what = COMPLETION_FILE;
	add_names(o);
	if (is_arg(o, "FORMAT") || is_arg(o, "KIND") || is_arg(o, "LIST") ||
	    is_arg(o, "LEVEL"))
		find_words(o->help, o->words);
	if (is_arg(o, "SIGNAL"))
		strcpy(o->words, "HUP USR1 USR2 ALRM URG WINCH");
	if (*o->words)
		o->what = COMPLETION_WORD;
}

/*
 * Tables
 */

static void find_arguments(const char *doc, struct completion_command *c)
{
	static const struct {
		const char *word;
		enum completion_what what;
	} rules[] = {
		{ "TRACE", COMPLETION_TRACE },
		{ "BEFORE", COMPLETION_TRACE },
		{ "PROGRAM", COMPLETION_PROGRAM },
		{ "PID", COMPLETION_PID },
		{ "FILE", COMPLETION_FILE },
		{ "|", COMPLETION_WORD },
	};

	for (size_t i = 0; doc && i < sizeof(rules) / sizeof(*rules); i++) {
		if (!strstr(doc, rules[i].word))
			continue;
		c->what = rules[i].what;
		break;
	}
	if (c->what != COMPLETION_WORD)
		return;
	add_word(c->words, doc, strlen(doc));
	for (char *bar = c->words; (bar = strchr(bar, '|'));)
		*bar = ' ';
}

static void show_options(const struct argp *argp)
{
	const struct argp_option *o = argp->options;

	for (; o && (o->name || o->doc || o->key); o++) {
		struct completion_option out = {
			.name = o->name,
			.letter = o->key > ' ' && o->key < 127 ? (char)o->key
							       : '\0',
			.arg = o->arg,
			.help = o->doc ? o->doc : "",
		};

		if (!o->name || (o->flags & (OPTION_HIDDEN | OPTION_DOC)))
			continue;
		find_argument(&out);
		shell->option(&command, &out);
	}
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		show_options(c->argp);
}

static void show_tables(const struct argp *argp)
{
	find_arguments(argp->args_doc, &command);
	shell->begin_command(&command);
	show_options(argp);
	shell->end_command(&command);
	_exit(command_finish(COMMAND_OK));
}

/* -1 when it has shown nothing. */
static int show_command(const struct command *c)
{
	char name[64];
	char *argv[] = { name, NULL };
	int status;
	pid_t pid;

	snprintf(name, sizeof(name), "memprof %s", c->name);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		command = (struct completion_command){ .name = c->name,
						       .help = c->help };
		command_tables = show_tables;
		c->run(1, argv);
		_exit(COMMAND_FAILED);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

void completion_each(void (*use)(const char *name, const char *help))
{
	size_t n;
	const struct command *list = command_list(&n);

	for (size_t i = 0; i < n; i++)
		use(list[i].name, list[i].help);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "for which shell? bash, zsh or fish");
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (state->arg_num)
		argp_error(state, "one shell at a time");
	for (int i = 0; i < SHELLS; i++)
		if (strcmp(arg, shells[i]->name) == 0)
			shell = shells[i];
	if (!shell)
		argp_error(state, "no shell '%s': bash, zsh or fish", arg);
	return 0;
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "bash|zsh|fish",
	.doc = "Print what a shell needs to complete memprof's command line.\v"
	       "For bash: source <(memprof completion bash).",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

int cmd_completion(int argc, char **argv)
{
	size_t n;
	const struct command *list = command_list(&n);

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, NULL);
	shell->begin();
	for (size_t i = 0; i < n; i++) {
		if (show_command(&list[i]) == 0)
			continue;
		command_message("cannot list the options of '%s'",
				list[i].name);
		return COMMAND_FAILED;
	}
	shell->end();
	return command_finish(COMMAND_OK);
}
