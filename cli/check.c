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
#include <sys/wait.h>

#include "cli/check_file.h"
#include "cli/check_output.h"
#include "cli/check_run.h"
#include "cli/check_words.h"
#include "cli/command.h"
#include "cli/question.h"
#include "trace/xmalloc.h"

enum {
	STATUS_MAX = 255,
	STATUS_ANY = -1, /* of an exit */
	STATUS_DEFAULT = -2, /* 0 of a program that is run, else any */
	KEY_WHERE = 0x400,
	KEY_FROM,
	KEY_TO,
	KEY_RULES,
	KEY_MIN_QUALITY,
	KEY_EXPECT_STATUS,
	KEY_PER_PROCESS,
	KEY_FULL,
	KEY_WAIT_CHILDREN,
	KEY_NO_FOLLOW,
	KEY_SKIP,
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
	{ "where", KEY_WHERE, "EXPR", 0,
	  "the limits that follow count only blocks for which EXPR holds: see "
	  "memprof-where(7)",
	  1 },
	{ "from", KEY_FROM, "WHEN", 0,
	  "they count only what is allocated from WHEN on", 1 },
	{ "to", KEY_TO, "WHEN", 0, "or before WHEN", 1 },
	{ "rules", KEY_RULES, "FILE", 0, "limits from FILE, too", 1 },
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
	{ "wait-children", KEY_WAIT_CHILDREN, NULL, 0,
	  "go on until the processes that it left behind have ended", 4 },
	{ 0 },
};

struct settings {
	struct check_rules rules;
	const char **files; /* of rules; owned */
	size_t file_count, file_room;
	const char **specs; /* owned */
	size_t spec_count, spec_room;
	const char **skip; /* owned */
	size_t skips, skip_room;
	struct check_outputs outputs;
	struct check_run run; /* argc 0: traces are given */
	int status;
	bool per_process, full;
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
		return STATUS_ANY;
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

static void check(struct settings *s, struct argp_state *state)
{
	struct err err;

	if (check_rules_finish(&s->rules, &err) < 0)
		refuse("%s", err.text);
	for (size_t i = 0; i < s->file_count; i++)
		if (check_file_read(&s->rules, s->files[i], &err) < 0)
			refuse("%s", err.text);
	if (!s->spec_count && !s->run.argc)
		argp_error(state, "which trace, or which program behind --?");
	if (s->spec_count && s->run.argc)
		argp_error(state, "either traces or a program");
	if (s->run.output && !s->run.argc)
		argp_error(state, "-o is for a program to run");
	if (!s->rules.count)
		argp_error(state, "no limit: --max-leak, --max-peak ...");
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
		s->full = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
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
		add(&s->skip, &s->skips, &s->skip_room, arg);
		return 0;
	case KEY_EXPECT_STATUS:
		s->status = parse_status(arg, state);
		return 0;
	case KEY_PER_PROCESS:
		s->per_process = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_rest(s, state);
		return 0;
	case ARGP_KEY_END:
		check(s, state);
		return 0;
	default:
		return parse_output(s, key, arg, state);
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
	case KEY_WAIT_CHILDREN:
		s->run.wait_children = true;
		return 0;
	case KEY_WHERE:
	case KEY_FROM:
	case KEY_TO:
	case KEY_MIN_QUALITY:
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

/* A broken limit is certain; what is not known comes next. */
static enum query_ruling worse(enum query_ruling a, enum query_ruling b)
{
	static const int rank[] = {
		[QUERY_KEPT] = 0, [QUERY_UNKNOWN] = 1, [QUERY_BROKEN] = 2
	};

	return rank[a] > rank[b] ? a : b;
}

static bool is_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* That of a scope with the same part of the run, or a new one. */
static struct profile *open_scope(const struct settings *s,
				  struct check_trace *t, size_t scope,
				  struct err *err)
{
	const struct check_scope *all = s->rules.scopes, *own = &all[scope];

	for (size_t i = 0; i < scope; i++)
		if (t->profiles[i] && is_text(all[i].from, own->from) &&
		    is_text(all[i].to, own->to))
			return t->profiles[i];
	return profile_open(t->spec,
			    &(struct profile_options){ .skip = s->skip,
						       .skips = s->skips,
						       .from = own->from,
						       .to = own->to },
			    err);
}

static int judge(struct check_trace *t, const struct check_rules *rules,
		 size_t number, const struct model_process *process,
		 struct err *err)
{
	const struct check_limit *limit = &rules->limits[number];
	const struct check_scope *scope = &rules->scopes[limit->scope];
	struct check_result r = {
		.limit = limit,
		.scope = scope,
		.profile = t->profiles[limit->scope],
		.process = process,
	};
	const struct query_limit l = {
		.metric = limit->metric,
		.most = limit->most,
		.where = scope->where,
		.pid = process ? process->pid : 0,
		.trust = rules->trust,
	};

	if (profile_judge(r.profile, &l, &r.judgement, err) < 0)
		return -1;
	t->results =
		xgrow(t->results, &t->room, t->count + 1, sizeof(*t->results));
	t->results[t->count++] = r;
	t->ruling = worse(t->ruling, r.judgement.ruling);
	return 0;
}

/* A process that executed another program is there twice, with one memory. */
static bool is_last_of_pid(const struct model_process *processes, size_t i,
			   size_t count)
{
	for (size_t n = i + 1; n < count; n++)
		if (processes[n].pid == processes[i].pid)
			return false;
	return true;
}

static int judge_limit(struct check_trace *t, const struct settings *s,
		       size_t number, struct err *err)
{
	size_t count;
	const struct model_process *processes =
		profile_processes(t->profile, &count);

	if (!s->per_process)
		return judge(t, &s->rules, number, NULL, err);
	for (size_t i = 0; i < count; i++)
		if (is_last_of_pid(processes, i, count) &&
		    judge(t, &s->rules, number, &processes[i], err) < 0)
			return -1;
	return 0;
}

static int judge_limits(struct check_trace *t, const struct settings *s,
			struct err *err)
{
	t->profiles = xcalloc(s->rules.scope_count, sizeof(struct profile *));
	for (size_t i = 0; i < s->rules.scope_count; i++) {
		if (!s->rules.scopes[i].limits)
			continue;
		t->profiles[i] = open_scope(s, t, i, err);
		if (!t->profiles[i])
			return -1;
		if (!t->profile)
			t->profile = t->profiles[i];
	}
	for (size_t i = 0; i < s->rules.count; i++)
		if (judge_limit(t, s, i, err) < 0)
			return -1;
	return 0;
}

/* Did it end by itself, as it should? NULL when it did. */
static char *trouble_of_end(const struct check_trace *t,
			    const struct settings *s)
{
	const struct trace_run *run = profile_run(t->profile);
	int wanted = s->status;
	char text[128];

	if (wanted == STATUS_DEFAULT)
		wanted = s->run.argc ? 0 : STATUS_ANY;
	if (run->status == -1)
		return NULL;
	if (WIFSIGNALED(run->status)) {
		snprintf(text, sizeof(text),
			 "the program was killed by signal %d (%s)",
			 WTERMSIG(run->status),
			 strsignal(WTERMSIG(run->status)));
		return xstrdup(text);
	}
	if (wanted == STATUS_ANY || WEXITSTATUS(run->status) == wanted)
		return NULL;
	snprintf(text, sizeof(text),
		 "the program exited with %d (--expect-status says what it "
		 "should)",
		 WEXITSTATUS(run->status));
	return xstrdup(text);
}

static void check_trace(struct check_trace *t, const struct settings *s)
{
	struct err err = { "" };

	t->ruling = QUERY_KEPT;
	if (judge_limits(t, s, &err) < 0)
		t->trouble = xstrdup(err.text);
	else
		t->trouble = trouble_of_end(t, s);
	if (t->trouble)
		t->ruling = worse(t->ruling, QUERY_UNKNOWN);
}

static void release(struct check *c, const struct settings *s)
{
	for (size_t i = 0; i < c->count; i++) {
		struct check_trace *t = &c->traces[i];

		for (size_t n = 0; t->profiles && n < s->rules.scope_count;
		     n++) {
			bool is_first = true;

			for (size_t k = 0; k < n; k++)
				is_first &= t->profiles[k] != t->profiles[n];
			if (is_first)
				profile_close(t->profiles[n]);
		}
		free(t->profiles);
		free(t->results);
		free(t->trouble);
	}
	free(c->traces);
}

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

static int judge_all(const struct settings *s)
{
	struct check c = { .rules = &s->rules,
			   .count = s->spec_count,
			   .full = s->full };
	struct err err;
	int status;

	c.traces = xcalloc(c.count, sizeof(*c.traces));
	for (size_t i = 0; i < c.count; i++) {
		c.traces[i].spec = s->specs[i];
		c.traces[i].name = s->run.argc && !s->run.output
					   ? s->run.argv[0]
					   : s->specs[i];
		check_trace(&c.traces[i], s);
		c.ruling = worse(c.ruling, c.traces[i].ruling);
	}
	status = verdict(&c);
	if (check_output_write(&s->outputs, &c, &err) < 0) {
		command_message("%s", err.text);
		if (!status)
			status = COMMAND_FAILED;
	}
	status = command_finish(status);
	release(&c, s);
	return status;
}

/* The program's trace is then the one to judge. */
static int run(struct settings *s)
{
	struct err err;

	if (!s->run.argc)
		return COMMAND_OK;
	if (check_run_program(&s->run, &err) < 0) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	add(&s->specs, &s->spec_count, &s->spec_room, s->run.trace);
	return COMMAND_OK;
}

int cmd_check(int argc, char **argv)
{
	struct settings s = { .status = STATUS_DEFAULT };
	int status;

	check_rules_init(&s.rules);
	/* Else what stands before "--" would be put behind it. */
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, &s);
	status = run(&s);
	if (!status)
		status = judge_all(&s);
	check_run_release(&s.run);
	check_rules_release(&s.rules);
	free(s.files);
	free(s.specs);
	free(s.skip);
	free(s.outputs.items);
	return status;
}
