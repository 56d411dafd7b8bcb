/*
 * diff - what `memprof diff` hands to the writers of its formats.
 */
#ifndef MEMPROF_CLI_DIFF_H
#define MEMPROF_CLI_DIFF_H

#include "analyzer/query.h"

#include <stdbool.h>

struct diff {
	const char *spec[2]; /* before, after; as the user wrote them */
	struct profile *profile[2]; /* one, for two instants of a trace */
	const char *when[2]; /* the instants */
	struct query query;
	const struct query_diff *result;
	bool full; /* text: nothing is shortened */
};

/* Each writes a whole answer to stdout. */
void diff_text(const struct diff *d);
void diff_tracemalloc(const struct diff *d);
void diff_json(const struct diff *d);
void diff_csv(const struct diff *d);
void diff_tsv(const struct diff *d);

/* What a row is about: of the later profile, if it has it. */
const struct query_row *diff_subject(const struct query_diff_row *row);
struct profile *diff_owner(const struct diff *d,
			   const struct query_diff_row *row);

/* Blocks behind the bytes of a metric. */
uint64_t diff_blocks(const struct query_row *row, enum query_metric m);
uint64_t diff_value(const struct query_row *row, enum query_metric m);

#endif
