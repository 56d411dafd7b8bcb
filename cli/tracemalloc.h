/*
 * tracemalloc - lines as Python's tracemalloc prints them, to the letter.
 */
#ifndef MEMPROF_CLI_TRACEMALLOC_H
#define MEMPROF_CLI_TRACEMALLOC_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stdint.h>

/* tracemalloc's lineno, filename and traceback: line, file and stack. */
bool tracemalloc_groups_by(enum query_by by);

/* "/x/app.py:12: size=57.1 KiB, count=1001, average=58 B" */
struct tracemalloc {
	enum query_by by;
	bool compares; /* with what was before */
	uint64_t size, count;
	int64_t size_change, count_change;
};

/* One statistic, with its traceback when it is by stack. */
void tracemalloc_print(const struct tracemalloc *t, struct profile *p,
		       const struct query_row *row);

#endif
