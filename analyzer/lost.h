/*
 * lost - what was lost at each site, as far as the processes were looked at
 * when they ended, or at the instant that is asked about.
 */
#ifndef MEMPROF_ANALYZER_LOST_H
#define MEMPROF_ANALYZER_LOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/query.h"
#include "trace/model.h"

struct lost {
	const struct model_leaks **list; /* of the instant; of the arena */
	size_t count;
	bool then; /* the instant is not the end */
	bool is_then; /* at the instant itself, not at the end */
	/* By site, and by process; of the arena, NULL: nobody looked. */
	const struct model_leak **site;
	const struct model_leaks **process;
};

struct profile;

/* When the trace's tables are there. */
void lost_open(struct profile *p);
/* The profile has gone to another instant, `then`, or else to the end. */
void lost_move(struct profile *p, bool then);
/* Did somebody look at that instant, before the end? */
bool lost_is_known(const struct profile *p, uint64_t time);

/* What was lost of a site, of which `stats` count, at the end. */
void lost_add(const struct profile *p, struct query_counts *c, size_t site,
	      const struct model_stats *stats);

#endif
