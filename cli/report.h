/*
 * report - what `memprof report` hands to the writers of its formats.
 */
#ifndef MEMPROF_CLI_REPORT_H
#define MEMPROF_CLI_REPORT_H

#include "analyzer/query.h"

#include <stdbool.h>

struct report {
	struct profile *profile;
	struct query query;
	const struct query_result *result;
	const struct query_result *mappings; /* for a report on the heap */
	const struct query_trends *trends; /* instead, of growth */
	bool full; /* text: nothing is shortened */
};

/* Each writes a whole report to stdout. */
void report_text(const struct report *r);
void report_json(const struct report *r);
void report_csv(const struct report *r);
/* As CSV, but without what differs from run to run or machine to machine. */
void report_tsv(const struct report *r);
/* As Python's tracemalloc prints statistics: tracemalloc.c. */
void report_tracemalloc(const struct report *r);

#endif
