/*
 * report_many - many traces in one report: of the ranks of an MPI program, of
 * the machines of a fleet.
 *
 * Traces are opened one after the other, so that memory goes with the places
 * that differ.
 */
#ifndef MEMPROF_CLI_REPORT_MANY_H
#define MEMPROF_CLI_REPORT_MANY_H

#include <jansson.h>

#include "analyzer/query.h"

struct report_many {
	struct query query;
	const char *const *specs; /* borrowed */
	size_t count;
	bool full, strict;

	/* While it is made. */
	const struct query_combined *result;
	json_t *runs; /* what is told of each trace */
};

/* "line", "size": what traces can be put together by. */
bool report_many_is_possible(const struct query *q);

/*
 * Writes the report with one of the functions below, and says what is wrong
 * with a trace. Gives the exit status.
 */
int report_many(struct report_many *m, const struct profile_options *o,
		void (*write)(const struct report_many *m));

void report_many_text(const struct report_many *m);
void report_many_json(const struct report_many *m);
void report_many_csv(const struct report_many *m);
void report_many_tsv(const struct report_many *m);

#endif
