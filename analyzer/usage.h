/*
 * usage - what memory_profiler shows of lines, from what was recorded.
 *
 * It looks at the process after each line that a function has run, and so knows
 * what the line left behind. Of a run that is over, events tell the same: while
 * a thread goes on allocating through one line of a function it is *at* that
 * line. Two figures come of it:
 *
 * - usage: the most the heap held right after an allocation through the line;
 * - increment: by how much the blocks that were begun there had grown, less
 *   those that were ended, when the line allocated for the last time before the
 *   function, or who called it, went on; added up over all times it was run.
 *
 * What is freed behind the last allocation of a line may be the line's own or
 * that of one behind it which allocates nothing, such as a return. It counts as
 * freed later.
 *
 * A line of a function is a *cell*, a function a *listing*.
 */
#ifndef MEMPROF_ANALYZER_USAGE_H
#define MEMPROF_ANALYZER_USAGE_H

#include "analyzer/profile.h"
#include "trace/err.h"

#include <stdint.h>

struct usage;

/* A cell that nothing was charged to has zeros. */
struct usage_figures {
	uint64_t usage; /* bytes */
	int64_t increment; /* bytes */
};

/* Borrows the profile. */
struct usage *usage_open(struct profile *p);
void usage_close(struct usage *u);

/* A cell of a listing, by number from 0. */
uint32_t usage_cell(struct usage *u);

/*
 * Stacks of `site` pass through the cell. In order of sites, at most once for a
 * site and a listing.
 */
void usage_pass(struct usage *u, uint32_t site, uint32_t listing,
		uint32_t cell);

/* Reads the events up to the profile's instant; -1 with err set. */
int usage_follow(struct usage *u, struct err *err);

struct usage_figures usage_of(const struct usage *u, uint32_t cell);

/* What the heap held before anything was allocated through a listing. */
uint64_t usage_before(const struct usage *u, uint32_t listing);

#endif
