/*
 * lost - what was lost at each site, as far as the processes were looked at
 * when they ended.
 */
#ifndef MEMPROF_ANALYZER_LOST_H
#define MEMPROF_ANALYZER_LOST_H

#include <stddef.h>

#include "analyzer/query.h"
#include "trace/model.h"

struct lost {
	const struct model_leaks *list; /* borrowed, of the trace */
	size_t count;
	/* By site, and by process; of the arena, NULL: nobody looked. */
	const struct model_leak **site;
	const struct model_leaks **process;
};

struct profile;

/* When the trace's tables are there. */
void lost_open(struct profile *p);

/* What was lost of a site, of which `stats` count, at the end. */
void lost_add(const struct profile *p, struct query_counts *c, size_t site,
	      const struct model_stats *stats);

#endif
