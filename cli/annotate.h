/*
 * annotate - what `memprof annotate` hands to the writers of its formats.
 */
#ifndef MEMPROF_CLI_ANNOTATE_H
#define MEMPROF_CLI_ANNOTATE_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>

enum annotate_column {
	ANNOTATE_PEAK,
	ANNOTATE_NET,
	ANNOTATE_CALLS,
	ANNOTATE_ALLOCATED,
	ANNOTATE_TEMPORARY,
	ANNOTATE_LIVE,
	ANNOTATE_FREED,
	ANNOTATE_BLOCKS,
	ANNOTATE_USAGE, /* of Python only, as the next */
	ANNOTATE_INCREMENT,
	ANNOTATE_COLUMNS,
};

struct annotate {
	struct profile *profile;
	const char *target;
	const struct query_listings *listings;
	size_t shown; /* of the listings */
	/* None: those that are usual for the language. */
	enum annotate_column columns[ANNOTATE_COLUMNS];
	size_t column_count;
	bool own;
	bool full; /* text: leave no line out */
};

/* Each writes a whole answer to stdout. */
void annotate_text(const struct annotate *a);
void annotate_json(const struct annotate *a);

#endif
