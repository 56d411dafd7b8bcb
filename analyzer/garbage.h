/*
 * garbage - what only Python's cyclic collector freed, of each site.
 */
#ifndef MEMPROF_ANALYZER_GARBAGE_H
#define MEMPROF_ANALYZER_GARBAGE_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/query.h"
#include "trace/model.h"

struct garbage {
	uint64_t *blocks, *bytes; /* by site; of the arena, NULL: none */
	uint64_t until; /* ns: of runs that had begun by then */
	const struct model_stats *stats; /* of all blocks, by then; borrowed */
};

struct profile;

/*
 * When the profile has moved to an instant, before it narrows down what counts.
 */
void garbage_open(struct profile *p);

/* What was freed so of a site, of which `stats` count. */
void garbage_add(const struct profile *p, struct query_counts *c, size_t site,
		 const struct model_stats *stats);

#endif
