/*
 * question - the options that say what is asked of a trace, the same words in
 * every command that has a table for its answer.
 */
#ifndef MEMPROF_CLI_QUESTION_H
#define MEMPROF_CLI_QUESTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/query.h"

struct question {
	struct query query;
	bool has_limit, has_sort;
	bool no_symbols;
	bool native, no_stdlib; /* of Python */
	const char *from, *to; /* NULL the whole run */
	const char **skip; /* owned */
	size_t skips, skip_room;
	struct where *where; /* owned; NULL all blocks */
};

/*
 * A child of the command's argp. Its input is the question, with what counts
 * when an option is not given.
 */
extern const struct argp question_argp;

/* The part that says what counts, for commands whose answer is no table. */
extern const struct argp question_scope_argp;

/* The part of a run; its own because "--to" may mean something else. */
extern const struct argp question_range_argp;

/* How to open a trace for it; borrows from the question. */
struct profile_options question_options(const struct question *q);

void question_release(struct question *q);

/* A number from 0 to `max`, or an error of usage. */
long question_number(const char *arg, long max, struct argp_state *state);

#endif
