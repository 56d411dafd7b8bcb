/*
 * check - judge traces by limits: the gate of a build.
 *
 * The verdict is the exit status: 0 all limits are kept, 1 one is broken, 3 it
 * can not be told. What can not be told never passes. A program that fails by
 * itself is told apart from the gate: it says nothing of its memory that could
 * be relied on, so nothing is passed either.
 */
#include "cli/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check/check_compare.h"
#include "cli/check/check_file.h"
#include "cli/check/check_gate.h"
#include "cli/check/check_known.h"
#include "cli/check/check_output.h"
#include "cli/check/check_run.h"
#include "cli/check/check_words.h"
#include "cli/command.h"
#include "cli/question.h"
#include "trace/xmalloc.h"

enum {
	STATUS_MAX = 255,
	KEY_WHERE = 0x400,
	KEY_FROM,
	KEY_TO,
	KEY_GROWTH_MARK,
	KEY_RULES,
	KEY_MIN_QUALITY,
	KEY_EXPECT_STATUS,
	KEY_PER_PROCESS,
	KEY_FULL,
	KEY_WAIT_CHILDREN,
	KEY_MARK_ON,
	KEY_NO_FOLLOW,
	KEY_SKIP,
	KEY_BASELINE,
	KEY_UPDATE_BASELINE,
	KEY_TOLERANCE,
	KEY_SUPPRESSIONS,
	KEY_STRICT_SUPPRESSIONS,
	KEY_WRITE_SUPPRESSIONS,
	KEY_JSON,
	KEY_JUNIT,
	KEY_SARIF,
	KEY_MARKDOWN,
	KEY_GITHUB,
	KEY_LIMITS, /* and as many as there are limits */
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Limits:", 1 },
	{ "max-leak", KEY_LIMITS, "BYTES", 0, "of what is lost at the end", 1 },
	{ "max-peak", KEY_LIMITS + 1, "BYTES", 0, "of the highest use", 1 },
	{ "max-live", KEY_LIMITS + 2, "BYTES", 0,
	  "of what is alive at the end, or at the instant", 1 },
	{ "max-allocated", KEY_LIMITS + 3, "BYTES", 0,
	  "of all that was allocated", 1 },
	{ "max-calls", KEY_LIMITS + 4, "N", 0, "of calls of the allocator", 1 },
	{ "max-temporary", KEY_LIMITS + 5, "N", 0,
	  "of blocks that were freed at once", 1 },
	{ "max-growth", KEY_LIMITS + 6, "BYTES", 0,
	  "by which any line may grow from one mark of a name to the next", 1 },
	{ "growth-mark", KEY_GROWTH_MARK, "NAME", 0,
	  "that mark; the one that is there most often unless told", 1 },
	{ "where", KEY_WHERE, "EXPR", 0,
	  "the limits that follow count only blocks for which EXPR holds: see "
	  "memprof-where(7)",
	  1 },
	{ "from", KEY_FROM, "WHEN", 0,
	  "they count only what is allocated from WHEN on", 1 },
	{ "to", KEY_TO, "WHEN", 0, "or before WHEN", 1 },
	{ "rules", KEY_RULES, "FILE", 0, "limits from FILE, too", 1 },
	{ "baseline", KEY_BASELINE, "FILE", 0,
	  "nothing may take more than in FILE, but for its tolerances", 1 },
	{ "update-baseline", KEY_UPDATE_BASELINE, NULL, 0,
	  "write that FILE from the trace, instead of comparing", 1 },
	{ "tolerance", KEY_TOLERANCE, "N%+BYTES", 0,
	  "of rows that are new in it (" CHECK_TOLERANCE ")", 1 },
	{ "suppressions", KEY_SUPPRESSIONS, "FILE", 0,
	  "leaks in FILE are known and do not count: in the form of "
	  "LeakSanitizer or valgrind; may be repeated",
	  1 },
	{ "strict-suppressions", KEY_STRICT_SUPPRESSIONS, NULL, 0,
	  "fail when one has no reason, has expired or was never used", 1 },
	{ "write-suppressions", KEY_WRITE_SUPPRESSIONS, "FILE", 0,
	  "write FILE for what leaks", 1 },
	{ "per-process", KEY_PER_PROCESS, NULL, 0,
	  "each process has to keep them by itself", 1 },
	{ "min-quality", KEY_MIN_QUALITY, "LEVEL", 0,
	  "what has to be known for the gate to pass: complete (the default), "
	  "exact or any",
	  2 },
	{ "expect-status", KEY_EXPECT_STATUS, "N", 0,
	  "the program has to exit with N, or with any status (0 when it is "
	  "run here)",
	  2 },
	{ "skip", KEY_SKIP, "PATTERN", 0,
	  "charge what functions like PATTERN (* and ?) allocate to their "
	  "callers; may be repeated",
	  2 },
	{ "json", KEY_JSON, "FILE.json", OPTION_ARG_OPTIONAL,
	  "write JSON to stdout, or beside the text to FILE.json", 3 },
	{ "junit", KEY_JUNIT, "FILE", 0, "write FILE as JUnit's XML", 3 },
	{ "sarif", KEY_SARIF, "FILE", 0, "write FILE as SARIF 2.1.0", 3 },
	{ "markdown", KEY_MARKDOWN, "FILE", 0, "write FILE as Markdown", 3 },
	{ "github", KEY_GITHUB, NULL, 0,
	  "print annotations for GitHub Actions, too", 3 },
	{ "full", KEY_FULL, NULL, 0, "text: shorten nothing", 3 },
	{ NULL, 0, NULL, 0, "For a program:", 4 },
	{ "output", 'o', "FILE", 0, "leave the trace in FILE", 4 },
	{ "force", 'f', NULL, 0, "replace FILE when it exists", 4 },
	{ "no-follow", KEY_NO_FOLLOW, NULL, 0,
	  "trace the program only, not what it forks and executes", 4 },
	{ "mark-on", KEY_MARK_ON, "REGEX", 0,
	  "lines of its standard output are marks, as for run", 4 },
	{ "wait-children", KEY_WAIT_CHILDREN, NULL, 0,
	  "go on until the processes that it left behind have ended", 4 },
	{ 0 },
};

struct settings {
	struct check check;
	struct check_rules rules;
	const char **files; /* of rules; owned */
	size_t file_count, file_room;
	const char **specs; /* owned */
	size_t spec_count, spec_room;
	size_t skip_room;
	const char *baseline_path; /* NULL none */
	struct check_baseline baseline;
	bool update;
	struct suppressions known;
	const char *write_known; /* NULL nowhere */
	struct check_outputs outputs;
	struct check_run run; /* argc 0: traces are given */
};

static void add(const char ***list, size_t *count, size_t *room,
		const char *text)
{
	*list = xgrow(*list, room, *count + 1, sizeof(**list));
	(*list)[(*count)++] = text;
}

/* argp's own messages hint at -h, where nothing more is to be had. */
__attribute__((format(printf, 1, 2))) static _Noreturn void
refuse(const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	command_message("check: %s", text);
	exit(COMMAND_USAGE);
}

static int parse_status(const char *arg, struct argp_state *state)
{
	if (!strcmp(arg, "any"))
		return CHECK_STATUS_ANY;
	return (int)question_number(arg, STATUS_MAX, state);
}

/* What stands behind "--" is a program; else it is a trace. */
static void parse_rest(struct settings *s, struct argp_state *state)
{
	char **rest = state->argv + state->next - 1;
	size_t count = (size_t)(state->argc - state->next + 1);
	bool is_program = state->next > 1 && state->quoted &&
			  state->next - 1 >= state->quoted;

	if (!is_program) {
		add(&s->specs, &s->spec_count, &s->spec_room, rest[0]);
		return;
	}
	s->run.argv = rest;
	s->run.argc = count;
	state->next = state->argc;
}

static void parse_rule(struct settings *s, const char *name, const char *value)
{
	struct check_rules *r = &s->rules;
	struct err err;
	int ret;

	if (!strncmp(name, "max-", 4))
		ret = check_rules_limit(r, name, value, &err);
	else if (!strcmp(name, "min-quality"))
		ret = check_rules_trust(r, value, &err);
	else if (!strcmp(name, "growth-mark"))
		ret = check_rules_mark(r, value, &err);
	else
		ret = check_rules_choose(r, name, value, &err);
	if (ret < 0)
		refuse("--%s: %s", name, err.text);
}

static const char *name_of(int key)
{
	for (const struct argp_option *o = options; o->name || o->doc; o++)
		if (o->name && o->key == key)
			return o->name;
	return "";
}

static void check_update(const struct settings *s, struct argp_state *state)
{
	if (s->update && !s->baseline_path)
		argp_error(state, "which --baseline is to be updated?");
	if (s->update && s->spec_count > 1)
		argp_error(state, "a baseline is made from one trace");
}

static void check(struct settings *s, struct argp_state *state)
{
	struct err err;

	if (check_rules_finish(&s->rules, &err) < 0)
		refuse("%s", err.text);
	for (size_t i = 0; i < s->file_count; i++)
		if (check_file_read(&s->rules, s->files[i], &err) < 0)
			refuse("%s", err.text);
	for (size_t i = 0; i < s->rules.known_count; i++)
		if (check_known_read(&s->known, s->rules.known[i], &err) < 0)
			refuse("%s", err.text);
	if (!s->baseline_path)
		s->baseline_path = s->rules.baseline;
	if (!s->spec_count && !s->run.argc)
		argp_error(state, "which trace, or which program behind --?");
	if (s->spec_count && s->run.argc)
		argp_error(state, "either traces or a program");
	if (s->run.output && !s->run.argc)
		argp_error(state, "-o is for a program to run");
	if (!s->rules.count && !s->baseline_path)
		argp_error(state, "no limit: --max-leak, --max-peak ...");
	check_update(s, state);
}

/* "--json FILE.json" is what people write; a trace is not called so. */
static const char *json_path(const char *arg, struct argp_state *state)
{
	const char *next = arg;
	size_t length;

	if (arg || state->next >= state->argc)
		return arg;
	next = state->argv[state->next];
	length = strlen(next);
	if (*next == '-' || length < 6 || strcmp(next + length - 5, ".json"))
		return NULL;
	state->next++;
	return next;
}

static error_t parse_output(struct settings *s, int key, char *arg,
			    struct argp_state *state)
{
	struct check_outputs *o = &s->outputs;

	switch (key) {
	case KEY_JSON:
		check_output_add(o, check_json, json_path(arg, state));
		return 0;
	case KEY_JUNIT:
		check_output_add(o, check_junit, arg);
		return 0;
	case KEY_SARIF:
		check_output_add(o, check_sarif, arg);
		return 0;
	case KEY_MARKDOWN:
		check_output_add(o, check_markdown, arg);
		return 0;
	case KEY_GITHUB:
		check_output_add(o, check_github, NULL);
		return 0;
	case KEY_FULL:
		s->check.full = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_known(struct settings *s, int key, char *arg,
			   struct argp_state *state)
{
	struct err err;

	switch (key) {
	case KEY_SUPPRESSIONS:
		if (check_known_read(&s->known, arg, &err) < 0)
			refuse("%s", err.text);
		return 0;
	case KEY_STRICT_SUPPRESSIONS:
		s->check.is_strict = true;
		return 0;
	case KEY_WRITE_SUPPRESSIONS:
		s->write_known = arg;
		return 0;
	default:
		return parse_output(s, key, arg, state);
	}
}

static error_t parse_baseline(struct settings *s, int key, char *arg,
			      struct argp_state *state)
{
	struct check_tolerance ignored;

	switch (key) {
	case KEY_BASELINE:
		s->baseline_path = arg;
		return 0;
	case KEY_UPDATE_BASELINE:
		s->update = true;
		return 0;
	case KEY_TOLERANCE:
		s->check.tolerance = arg;
		if (!check_baseline_tolerance(arg, &ignored))
			argp_error(state, "'%s' is no tolerance, such as %s",
				   arg, CHECK_TOLERANCE);
		return 0;
	default:
		return parse_known(s, key, arg, state);
	}
}

static error_t parse_input(struct settings *s, int key, char *arg,
			   struct argp_state *state)
{
	switch (key) {
	case KEY_RULES:
		add(&s->files, &s->file_count, &s->file_room, arg);
		return 0;
	case KEY_SKIP:
		add(&s->check.skip, &s->check.skips, &s->skip_room, arg);
		return 0;
	case KEY_EXPECT_STATUS:
		s->check.status = parse_status(arg, state);
		return 0;
	case KEY_PER_PROCESS:
		s->check.per_process = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_rest(s, state);
		return 0;
	case ARGP_KEY_END:
		check(s, state);
		return 0;
	default:
		return parse_baseline(s, key, arg, state);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'o':
		s->run.output = arg;
		return 0;
	case 'f':
		s->run.force = true;
		return 0;
	case KEY_NO_FOLLOW:
		s->run.no_follow = true;
		return 0;
	case KEY_MARK_ON:
		s->run.mark_on = arg;
		return 0;
	case KEY_WAIT_CHILDREN:
		s->run.wait_children = true;
		return 0;
	case KEY_WHERE:
	case KEY_FROM:
	case KEY_TO:
	case KEY_MIN_QUALITY:
	case KEY_GROWTH_MARK:
		parse_rule(s, name_of(key), arg);
		return 0;
	default:
		if (key < KEY_LIMITS || key > KEY_LIMITS + 0xff)
			return parse_input(s, key, arg, state);
		parse_rule(s, name_of(key), arg);
		return 0;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE[@WHEN]...\n-- PROGRAM [ARG...]",
	.doc = "Judge traces, or a program that is run for it, by limits.\v"
	       "The exit status is 0 when all limits are kept, 1 when one is "
	       "broken, and 3 when that can not be told: a trace is not whole, "
	       "nothing was recorded, leaks are not told from what is alive, "
	       "or the program failed by itself.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

static int verdict(const struct check *c)
{
	static const int status[] = { [QUERY_KEPT] = COMMAND_OK,
				      [QUERY_BROKEN] = COMMAND_GATE_FAILED,
				      [QUERY_UNKNOWN] = COMMAND_FAILED };

	for (size_t i = 0; i < c->count; i++)
		if (c->traces[i].ruling == QUERY_UNKNOWN)
			command_message("%s: inconclusive: %s",
					c->traces[i].name,
					check_words_why(&c->traces[i]));
	return status[c->ruling];
}

static int judge_all(struct settings *s)
{
	struct check *c = &s->check;
	struct err err;
	int status;

	c->count = s->spec_count;
	c->traces = xcalloc(c->count, sizeof(*c->traces));
	for (size_t i = 0; i < c->count; i++) {
		c->traces[i].spec = s->specs[i];
		c->traces[i].name = s->run.argc && !s->run.output
					    ? s->run.argv[0]
					    : s->specs[i];
		check_gate_judge(c, &c->traces[i]);
	}
	if (c->is_strict && check_known_has_fault(c->known))
		c->ruling = QUERY_BROKEN;
	status = verdict(c);
	if (s->write_known && check_known_write(c, s->write_known, &err) < 0) {
		command_message("%s", err.text);
		if (!status)
			status = COMMAND_FAILED;
	}
	if (check_output_write(&s->outputs, c, &err) < 0) {
		command_message("%s", err.text);
		if (!status)
			status = COMMAND_FAILED;
	}
	return command_finish(status);
}

/* The program's trace is then the one to judge. */
static int run(struct settings *s)
{
	struct err err;

	if (!s->run.argc)
		return COMMAND_OK;
	if (s->check.status == CHECK_STATUS_DEFAULT)
		s->check.status = 0;
	s->run.leaks = s->baseline_path != NULL;
	for (size_t i = 0; i < s->rules.count; i++)
		s->run.leaks |= s->rules.limits[i].metric == QUERY_LEAKED;
	if (check_run_program(&s->run, &err) < 0) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	add(&s->specs, &s->spec_count, &s->spec_room, s->run.trace);
	return COMMAND_OK;
}

/* One that is to be made needs not be there. */
static int read_baseline(struct settings *s)
{
	struct err err;

	if (!s->baseline_path ||
	    (s->update && access(s->baseline_path, F_OK) != 0))
		return COMMAND_OK;
	if (check_baseline_read(&s->baseline, s->baseline_path, &err) < 0) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	if (!s->update)
		s->check.baseline = &s->baseline;
	return COMMAND_OK;
}

static int update_baseline(const struct settings *s)
{
	struct err err;

	if (!s->update)
		return COMMAND_OK;
	if (check_compare_update(&s->check, &s->check.traces[0], &s->baseline,
				 s->baseline_path, &err) == 0)
		return COMMAND_OK;
	command_message("%s", err.text);
	return COMMAND_FAILED;
}

static void release(struct settings *s)
{
	check_baseline_release(&s->baseline);
	suppressions_release(&s->known);
	check_gate_release(&s->check);
	check_run_release(&s->run);
	check_rules_release(&s->rules);
	free(s->check.skip);
	free(s->files);
	free(s->specs);
	free(s->outputs.items);
}

int cmd_check(int argc, char **argv)
{
	struct settings s = { .check = { .status = CHECK_STATUS_DEFAULT,
					 .tolerance = CHECK_TOLERANCE } };
	int status;

	s.check.rules = &s.rules;
	s.check.known = &s.known;
	check_rules_init(&s.rules);
	/* Else what stands before "--" would be put behind it. */
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, &s);
	suppressions_add_known(&s.known);
	status = read_baseline(&s);
	if (!status)
		status = run(&s);
	if (!status)
		status = judge_all(&s);
	if (!status)
		status = update_baseline(&s);
	release(&s);
	return status;
}
