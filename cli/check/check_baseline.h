/*
 * check_baseline - what a program took when that was found good, as a text
 * file that is kept with its sources.
 *
 *	# function	file	tolerance	peak	live	leaked	...
 *	(total)	-	5%	5950	70	-	...
 *	main	src/main.c	5%+4KiB	5000	0	-	...
 *
 * A row for each function, sorted, so that versions of it can be compared line
 * by line; fields are parted by tabs. Lines of source are not in it, since they
 * move with every edit. A figure that was not known is "-".
 *
 * Bytes may be more than they were by the row's tolerance, which is a part in a
 * hundred, a number of bytes, or both; counts by the part only. What has no row
 * had nothing, and its counts are free.
 */
#ifndef MEMPROF_CLI_CHECK_BASELINE_H
#define MEMPROF_CLI_CHECK_BASELINE_H

#include "analyzer/query.h"
#include "trace/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHECK_BASELINE_METRICS = 6,
};

extern const enum query_metric check_baseline_metrics[CHECK_BASELINE_METRICS];

struct check_tolerance {
	char *text; /* as it was given; owned */
	double percent;
	uint64_t bytes;
};

struct check_row {
	char *function, *file; /* escaped, owned */
	struct check_tolerance tolerance;
	uint64_t figures[CHECK_BASELINE_METRICS];
	bool is_known[CHECK_BASELINE_METRICS];
	struct query_frame place; /* of the largest part; not from a file */
};

/* Sorted; the total is the first. */
struct check_baseline {
	struct check_row *rows; /* owned */
	size_t count, room;
};

#define CHECK_TOLERANCE "5%+4KiB"

/* False when it is none. `text` is not copied. */
bool check_baseline_tolerance(const char *text, struct check_tolerance *t);

/* -1 with err set, "memory.baseline:3: ...". */
int check_baseline_read(struct check_baseline *b, const char *path,
			struct err *err);
/* What a profile has; all rows get the tolerance. */
int check_baseline_take(struct check_baseline *b, struct profile *p,
			const char *tolerance, struct err *err);
/* With the tolerances that rows had in the file before. */
int check_baseline_write(const struct check_baseline *b,
			 const struct check_baseline *before, const char *path,
			 struct err *err);
void check_baseline_release(struct check_baseline *b);

/* The row of the same function, or NULL. */
const struct check_row *check_baseline_find(const struct check_baseline *b,
					    const struct check_row *row);
/* Up to which a figure may grow from what it was; `before` may be NULL. */
uint64_t check_baseline_most(const struct check_row *before, size_t metric,
			     const struct check_tolerance *otherwise);

#endif
