/*
 * match - which row of one answer is which of another.
 *
 * Two instants of one run, or two runs of one build, are compared by address:
 * a place is the same when file, line and function are. Between builds lines
 * move, so there a place is known again by its function and by what its line
 * says, and where a function says the same more than once, by the order of
 * these lines. Lines whose text is not known are taken to have moved as their
 * neighbours did, and places without lines are known by the function alone.
 * Directories and the program may have been renamed, template arguments and
 * parameters do not count, and neither does indentation.
 */
#ifndef MEMPROF_ANALYZER_MATCH_H
#define MEMPROF_ANALYZER_MATCH_H

#include "analyzer/query.h"

#include <stddef.h>
#include <stdint.h>

enum {
	MATCH_NONE = UINT32_MAX,
};

struct match_side {
	struct profile *profile;
	const struct query_row *rows;
	size_t count;
};

/*
 * For each row of `old` the number of its counterpart in `new`, no row of which
 * is used twice, or MATCH_NONE. The caller frees it.
 */
uint32_t *match_rows(const struct match_side *old, const struct match_side *new,
		     enum query_by by);

#endif
