/*
 * range - what became of the blocks that were begun in a part of a run.
 *
 * Adds up the events from the start of the part on, those only that begin a
 * block in it or end one that began there. Heap blocks are numbered as they
 * begin, so which these are takes no memory to know. A mapping has no number:
 * what is unmapped of a site is taken to be what it mapped first.
 */
#ifndef MEMPROF_TRACE_RANGE_H
#define MEMPROF_TRACE_RANGE_H

#include "trace/err.h"
#include "trace/instant.h"
#include "trace/model.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a part of a run begins or ends. */
struct range_edge {
	uint64_t events; /* before it */
	uint64_t blocks; /* of the heap, begun before it */
	uint64_t time; /* ns */
};

struct range {
	struct range_edge from, to;
	uint64_t until; /* events to look at */
	bool is_end; /* these are all, so processes that ended keep theirs */

	/* By range_sum(); owned. */
	struct model_stats *stats; /* one for each site */
	struct model_peak peak[MODEL_KINDS]; /* of these blocks alone */
};

struct range_edge range_edge_at(const struct instant *i);

/* Is it a heap block of the range? */
static inline bool range_has(const struct range *r, uint64_t block)
{
	return block >= r->from.blocks && block < r->to.blocks;
}

/*
 * Fills stats and peak. `at` is moved, to `from`. -1 with err set when events
 * can not be read.
 */
int range_sum(struct range *r, const struct trace *t, struct instant *at,
	      struct err *err);
/* Of one that was allocated. */
void range_close(struct range *r);

#endif
