/*
 * selection - what of a profile a question is about.
 *
 * Sites that a condition decides as a whole keep the figures they have; where
 * it goes through the blocks of a site the events are followed once. The last
 * selection is kept, since a condition is asked about again and again: grouped
 * otherwise, of the heap and of mappings, for the rows and for the total.
 */
#ifndef MEMPROF_ANALYZER_SELECTION_H
#define MEMPROF_ANALYZER_SELECTION_H

#include "analyzer/fates.h"
#include "analyzer/profile.h"

struct selection {
	/* By site, of what counts. */
	const struct model_stats *stats;
	const struct sketch *lifetimes; /* ns; NULL not asked for */
	const uint64_t *lived; /* ns, by all blocks; with lifetimes */
	const struct fates_growth *growth; /* NULL not asked for */
};

/*
 * Borrowed until the next. NULL with err set when events can not be read. Of
 * the query only the condition counts, and what is to be known of blocks.
 */
const struct selection *selection_of(struct profile *p, const struct query *q,
				     struct err *err);
void selection_close(struct selection *s);

/* Is it for the query, by its kind and process and by the condition? */
bool selection_has(const struct profile *p, const struct selection *s,
		   const struct query *q, size_t site);

#endif
