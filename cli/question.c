/*
 * question - see question.h.
 */
#include "cli/question.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "trace/xmalloc.h"

enum {
	KEY_BY = 0x200,
	KEY_SORT,
	KEY_LIMIT,
	KEY_KIND,
	KEY_PID,
	KEY_SKIP,
	KEY_NO_SYMBOLS,
	KEY_NATIVE,
	KEY_NO_STDLIB,
	KEY_FROM,
	KEY_TO,
	KEY_WHERE,
};

static const struct argp_option options[] = {
	{ "by", KEY_BY, "KEY", 0,
	  "group by line (the default), function, file, module, stack, "
	  "thread, size or process",
	  0 },
	{ "sort", KEY_SORT, "METRIC", 0,
	  "largest first by peak, live, leaked, allocated, calls, temporary, "
	  "freed or cyclic",
	  0 },
	{ "limit", KEY_LIMIT, "N", 0,
	  "show N rows, 0 for all (20 in text, all in other formats)", 0 },
	{ 0 },
};

static const struct argp_option scope_options[] = {
	{ "kind", KEY_KIND, "KIND", 0, "heap (the default) or mapping", 0 },
	{ "pid", KEY_PID, "N", 0, "only what process N allocated", 0 },
	{ "where", KEY_WHERE, "EXPR", 0,
	  "only blocks for which EXPR holds, such as 'size > 4KiB and file ~ "
	  "\"src/*\"': see memprof-where(7)",
	  0 },
	{ "skip", KEY_SKIP, "PATTERN", 0,
	  "charge what functions like PATTERN (* and ?) allocate to their "
	  "callers; may be repeated",
	  0 },
	{ "no-stdlib", KEY_NO_STDLIB, NULL, 0,
	  "Python: charge what its standard library and installed packages "
	  "allocate to their callers, and leave them out of stacks",
	  0 },
	{ "native", KEY_NATIVE, NULL, 0,
	  "Python: show the interpreter's own functions in stacks too", 0 },
	{ "no-symbols", KEY_NO_SYMBOLS, NULL, 0,
	  "addresses only, read no symbol files", 0 },
	{ 0 },
};

static const struct argp_option range_options[] = {
	{ "from", KEY_FROM, "WHEN", 0,
	  "only what is allocated from WHEN on (12.5s, 50%, peak, mark:NAME)",
	  0 },
	{ "to", KEY_TO, "WHEN", 0, "only what is allocated before WHEN", 0 },
	{ 0 },
};

static enum model_kind parse_kind(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "mapping") == 0)
		return MODEL_MAPPING;
	if (strcmp(arg, "heap") != 0)
		argp_error(state, "no kind '%s': heap or mapping", arg);
	return MODEL_HEAP;
}

long question_number(const char *arg, long max, struct argp_state *state)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(arg, &end, 10);
	if (errno || end == arg || *end || value < 0 || value > max)
		argp_error(state, "'%s' is no number from 0 to %ld", arg, max);
	return value;
}

static int parse_name(int found, const char *what, const char *arg,
		      struct argp_state *state)
{
	if (found < 0)
		argp_error(state, "no %s '%s': -h lists them", what, arg);
	return found;
}

static void add_skip(struct question *q, const char *pattern)
{
	q->skip = xgrow(q->skip, &q->skip_room, q->skips + 1, sizeof(*q->skip));
	q->skip[q->skips++] = pattern;
}

/* Exits when it is wrong: the column says more than a hint at -h. */
static void parse_where(struct question *q, const char *arg,
			struct argp_state *state)
{
	struct err err;

	if (q->where)
		argp_error(state, "one --where: join them with 'and'");
	q->where = where_parse(arg, &err);
	if (!q->where) {
		command_message("--where: %s", err.text);
		exit(COMMAND_USAGE);
	}
	q->query.where = q->where;
}

static error_t parse_scope(int key, char *arg, struct argp_state *state)
{
	struct question *q = state->input;

	switch (key) {
	case KEY_KIND:
		q->query.kind = parse_kind(arg, state);
		return 0;
	case KEY_PID:
		q->query.pid = (int32_t)question_number(arg, INT32_MAX, state);
		return 0;
	case KEY_WHERE:
		parse_where(q, arg, state);
		return 0;
	case KEY_SKIP:
		add_skip(q, arg);
		return 0;
	case KEY_NO_STDLIB:
		q->no_stdlib = true;
		return 0;
	case KEY_NATIVE:
		q->native = true;
		return 0;
	case KEY_NO_SYMBOLS:
		q->no_symbols = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp question_scope_argp = { .options = scope_options,
					  .parser = parse_scope };

static error_t parse_range(int key, char *arg, struct argp_state *state)
{
	struct question *q = state->input;

	switch (key) {
	case KEY_FROM:
		q->from = arg;
		return 0;
	case KEY_TO:
		q->to = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp question_range_argp = { .options = range_options,
					  .parser = parse_range };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct question *q = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = q;
		return 0;
	case KEY_BY:
		q->query.by =
			parse_name(query_by_from_name(arg), "key", arg, state);
		return 0;
	case KEY_SORT:
		q->query.sort = parse_name(query_metric_from_name(arg),
					   "metric", arg, state);
		q->has_sort = true;
		return 0;
	case ARGP_KEY_END:
		/* Of objects no more is known than that they live. */
		if (q->query.by == QUERY_BY_TYPE && !q->has_sort)
			q->query.sort = QUERY_LIVE;
		return 0;
	case KEY_LIMIT:
		q->query.limit = (size_t)question_number(arg, LONG_MAX, state);
		q->has_limit = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp question_argp = {
	.options = options,
	.parser = parse,
	.children = (struct argp_child[]){ { &question_scope_argp, 0, NULL, 0 },
					   { 0 } },
};

struct profile_options question_options(const struct question *q)
{
	return (struct profile_options){ .skip = q->skip,
					 .skips = q->skips,
					 .no_symbols = q->no_symbols,
					 .native = q->native,
					 .no_libraries = q->no_stdlib,
					 .from = q->from,
					 .to = q->to };
}

void question_release(struct question *q)
{
	free(q->skip);
	where_destroy(q->where);
}
