/*
 * fates - follow every block of a run from its beginning to its end.
 *
 * For what sites do not tell: how long blocks lived, which of those of one
 * site a condition is about, what realloc made of them. Walks the events up to
 * the profile's instant once; blocks outside the profile's range do not count.
 *
 * Memory goes with the number of sites, of moments (births.h) and of blocks
 * that realloc made and that are alive, not with that of events.
 */
#ifndef MEMPROF_ANALYZER_FATES_H
#define MEMPROF_ANALYZER_FATES_H

#include "analyzer/profile.h"
#include "analyzer/sketch.h"
#include "analyzer/where_sites.h"

/* What realloc did at a site. */
struct fates_growth {
	uint64_t moved; /* blocks that changed their address */
	uint64_t copied_bytes; /* then */
	uint64_t chains; /* blocks that came out of it in the end */
	uint64_t steps; /* calls that it took, over all chains */
	uint64_t steps_max; /* for one of them */
};

struct fates {
	struct profile *profile;
	const struct where *where; /* NULL all blocks */
	struct where_sites *sites; /* of the condition */
	/* By site. Of one that is MAYBE, stats are summed up here. */
	const uint8_t *decided; /* enum where_answer */
	struct model_stats *stats;
	struct sketch *lifetimes; /* ns; NULL not wanted */
	uint64_t *lived; /* ns, by all its blocks; with lifetimes */
	struct fates_growth *growth; /* NULL not wanted */
};

/* Adds to the arrays. -1 with err set when events can not be read. */
int fates_follow(const struct fates *f, struct err *err);

#endif
