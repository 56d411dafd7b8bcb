/*
 * leaks - say what was lost, and who holds the rest.
 *
 * Records are as memcheck's: one for each stack and class. A trace of which
 * something could not be looked at is shown as far as it was; that it is not
 * all is said on stderr and by the exit status, so that nobody takes nothing
 * found for nothing lost.
 */
#include "cli/leaks.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check/check_known.h"
#include "cli/command.h"
#include "cli/judge.h"
#include "cli/question.h"
#include "trace/xmalloc.h"

enum {
	TEXT_LIMIT = 20, /* records */
	KEY_SHOW = 0x100,
	KEY_FORMAT,
	KEY_LIMIT,
	KEY_FULL,
	KEY_SUPPRESSIONS,
};

static const struct argp_option options[] = {
	{ "show", KEY_SHOW, "CLASSES", 0,
	  "those of definite, indirect, possible and reachable to show, "
	  "separated by commas, or all (definite,possible)",
	  0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text, json or csv", 0 },
	{ "limit", KEY_LIMIT, "N", 0,
	  "show N records, 0 for all (20 in text, all in other formats)", 0 },
	{ "full", KEY_FULL, NULL, 0,
	  "text: shorten nothing, show stacks below main", 0 },
	{ "suppressions", KEY_SUPPRESSIONS, "FILE", 0,
	  "leave out what FILE knows, in the form of LeakSanitizer or "
	  "valgrind; may be repeated",
	  0 },
	{ 0 },
};

static const struct {
	const char *name;
	void (*write)(const struct leaks_answer *a);
	size_t limit;
} formats[] = {
	{ "text", leaks_text, TEXT_LIMIT },
	{ "json", leaks_json, 0 },
	{ "csv", leaks_csv, 0 },
};

static const char *const classes[MODEL_LEAK_CLASSES] = {
	[MODEL_LEAK_DEFINITE] = "definite",
	[MODEL_LEAK_INDIRECT] = "indirect",
	[MODEL_LEAK_POSSIBLE] = "possible",
	[MODEL_LEAK_REACHABLE] = "reachable",
};

struct settings {
	const char *spec;
	pid_t pid; /* spec is that: a process, and no trace */
	struct question question;
	bool show[MODEL_LEAK_CLASSES];
	size_t format, limit;
	bool has_show, has_limit, full;
	struct suppressions known;
};

const char *leaks_class_name(enum model_leak_class class)
{
	return classes[class];
}

static void show_class(struct settings *s, const char *name, size_t size,
		       struct argp_state *state)
{
	bool all = size == 3 && !strncmp(name, "all", size);
	bool known = all;

	for (size_t i = 0; i < MODEL_LEAK_CLASSES; i++) {
		bool is = strlen(classes[i]) == size &&
			  !strncmp(name, classes[i], size);

		s->show[i] |= all || is;
		known |= is;
	}
	if (!known)
		argp_error(state,
			   "no class '%.*s': definite, indirect, possible, "
			   "reachable or all",
			   (int)size, name);
}

static void parse_show(struct settings *s, const char *arg,
		       struct argp_state *state)
{
	s->has_show = true;
	for (;;) {
		size_t size = strcspn(arg, ",");

		show_class(s, arg, size, state);
		if (!arg[size])
			return;
		arg += size + 1;
	}
}

static size_t parse_format(const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return i;
	argp_error(state, "no format '%s': text, json or csv", arg);
	return 0;
}

static void parse_known(struct settings *s, const char *path)
{
	struct err err;

	if (check_known_read(&s->known, path, &err) == 0)
		return;
	command_message("leaks: %s", err.text);
	exit(COMMAND_USAGE);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->question;
		return 0;
	case KEY_SHOW:
		parse_show(s, arg, state);
		return 0;
	case KEY_FORMAT:
		s->format = parse_format(arg, state);
		return 0;
	case KEY_LIMIT:
		s->limit = (size_t)question_number(arg, LONG_MAX, state);
		s->has_limit = true;
		return 0;
	case KEY_FULL:
		s->full = true;
		return 0;
	case KEY_SUPPRESSIONS:
		parse_known(s, arg);
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->spec, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE|PID",
	.doc = "Say what nothing points to any more when a program ends, or "
	       "now.\v"
	       "TRACE is a file that 'memprof run --leaks' wrote, or one with "
	       "a mark at which that was done, TRACE@mark:NAME. PID is a "
	       "process that is being recorded: it is looked at now, and goes "
	       "on. Blocks are "
	       "lost definitely, when nothing points to them; indirectly, when "
	       "only lost ones do; possibly, when all that points to them "
	       "points into their middle; the others are reachable.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_scope_argp, 0, NULL, 0 },
					   { 0 } },
};

/* Definite ones bring what they hold with them. */
static uint64_t weight(const struct leaks_record *r)
{
	return r->bytes + (r->class == MODEL_LEAK_DEFINITE
				   ? r->row->counts.classes.held_bytes
				   : 0);
}

static int compare(const void *a, const void *b)
{
	const struct leaks_record *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (weight(x) != weight(y))
		return weight(x) > weight(y) ? -1 : 1;
	return x->row->stack < y->row->stack ? -1 : 1;
}

struct leaks_record *leaks_records(const struct leaks_answer *a, size_t *count)
{
	size_t rows = a->result->count;
	struct leaks_record *list = xreallocarray(
		NULL, rows * MODEL_LEAK_CLASSES + 1, sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < rows * MODEL_LEAK_CLASSES; i++) {
		enum model_leak_class class = i % MODEL_LEAK_CLASSES;
		const struct query_row *row =
			&a->result->rows[i / MODEL_LEAK_CLASSES];
		const struct query_classes *c = &row->counts.classes;

		if (a->show[class] && c->blocks[class])
			list[(*count)++] = (struct leaks_record){
				row, class, c->blocks[class], c->bytes[class]
			};
	}
	if (*count)
		qsort(list, *count, sizeof(*list), compare);
	return list;
}

/* What is lost of a row is known: it counts apart. */
static void hide(struct leaks_answer *a, struct query_counts *row,
		 struct query_counts *total)
{
	struct query_classes *c = &row->classes, *of = &total->classes;

	for (int i = MODEL_LEAK_DEFINITE; i <= MODEL_LEAK_INDIRECT; i++) {
		a->known_blocks += c->blocks[i];
		a->known_bytes += c->bytes[i];
		of->blocks[i] -= c->blocks[i];
		of->bytes[i] -= c->bytes[i];
		c->blocks[i] = c->bytes[i] = 0;
	}
	of->held_blocks -= c->held_blocks;
	of->held_bytes -= c->held_bytes;
	c->held_blocks = c->held_bytes = 0;
	total->leaked_blocks -= row->leaked_blocks;
	total->leaked_bytes -= row->leaked_bytes;
	row->leaked_blocks = row->leaked_bytes = 0;
}

/* The result without what is known; its rows are the caller's to free. */
static struct query_row *leave_out(struct leaks_answer *a,
				   const struct suppressions *known,
				   struct query_result *result)
{
	size_t n = result->count;
	struct query_row *rows = xreallocarray(NULL, n + 1, sizeof(*rows));

	for (size_t i = 0; i < n; i++) {
		const struct query_frame *f;
		size_t count;

		rows[i] = result->rows[i];
		if (!rows[i].counts.leaked_blocks)
			continue;
		f = profile_frames(a->profile, &rows[i], &count);
		if (suppressions_find(known, f, count))
			hide(a, &rows[i].counts, &result->total);
	}
	result->rows = rows;
	return rows;
}

/* A file of that name is a trace. */
static pid_t process_of(const char *spec)
{
	size_t digits = strspn(spec, "0123456789");
	long pid = strtol(spec, NULL, 10);

	return digits && !spec[digits] && pid > 0 && pid <= INT_MAX &&
			       access(spec, F_OK) < 0
		       ? (pid_t)pid
		       : 0;
}

/* Of a process that goes on there is no last block, and need not be. */
static int judge(const struct leaks_answer *a, const struct settings *s)
{
	int status =
		s->pid ? COMMAND_OK : judge_trace(a->profile, s->spec, false);

	if (s->pid && a->leaks->held)
		command_message("%s stood still while it was looked at: %s",
				s->spec, a->leaks->held);

	if (status || a->leaks->classified)
		return status;
	/* One line is enough: a recording that was cut says why by itself. */
	if (s->pid || !profile_problem(a->profile))
		command_message("%s: not classified: %s", s->spec,
				a->leaks->why);
	return COMMAND_FAILED;
}

static int show(struct profile *p, const struct settings *s)
{
	struct query query = s->question.query;
	struct leaks_answer a = { .profile = p,
				  .leaks = profile_leaks(p),
				  .limit = s->limit,
				  .has_known = s->known.count,
				  .full = s->full };
	struct query_row *rows = NULL;
	struct query_result known;
	struct err err;
	int status;

	memcpy(a.show, s->show, sizeof(a.show));
	if (!s->has_limit)
		a.limit = formats[s->format].limit;
	query.by = QUERY_BY_STACK;
	query.unsorted = true;
	a.result = profile_query(p, &query, &err);
	if (!a.result) {
		command_message("%s: %s", s->spec, err.text);
		return COMMAND_FAILED;
	}
	if (a.has_known) {
		known = *a.result;
		rows = leave_out(&a, &s->known, &known);
		a.result = &known;
	}
	if (a.leaks->some || formats[s->format].write != leaks_text)
		formats[s->format].write(&a);
	free(rows);
	status = command_finish(COMMAND_OK);
	return status ? status : judge(&a, s);
}

/* The process is stopped for a moment, and its trace then is asked. */
static int open_process(struct settings *s, char *spec, struct err *err)
{
	int fd = leaks_ask(s->pid, spec, err);

	if (fd >= 0)
		s->question.query.pid = s->pid;
	return fd;
}

static struct profile *open_any(struct settings *s, int *fd, struct err *err)
{
	struct profile_options o;
	char spec[LEAKS_SPEC];

	s->pid = process_of(s->spec);
	if (s->pid)
		*fd = open_process(s, spec, err);
	if (s->pid && *fd < 0)
		return NULL;
	o = question_options(&s->question);
	o.leaks_only = true;
	return profile_open(s->pid ? spec : s->spec, &o, err);
}

int cmd_leaks(int argc, char **argv)
{
	struct settings s = { .show = { [MODEL_LEAK_DEFINITE] = false } };
	struct profile *p;
	struct err err;
	int status = COMMAND_FAILED, fd = -1;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (!s.has_show)
		s.show[MODEL_LEAK_DEFINITE] = s.show[MODEL_LEAK_POSSIBLE] =
			true;
	p = open_any(&s, &fd, &err);
	if (p)
		status = show(p, &s);
	else
		command_message("%s", err.text);
	profile_close(p);
	if (fd >= 0)
		close(fd);
	suppressions_release(&s.known);
	question_release(&s.question);
	return status;
}
