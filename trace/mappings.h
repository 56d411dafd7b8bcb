/*
 * mappings - the memory that a process mapped itself, by range.
 *
 * A mapping is what one call made. Parts of it may be unmapped or mapped over;
 * it has ended when nothing is left of it. Ranges are sorted and never
 * overlap.
 */
#ifndef MEMPROF_TRACE_MAPPINGS_H
#define MEMPROF_TRACE_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mappings_range {
	uint64_t start, end;
	uint32_t mapping; /* which call it came from */
};

struct mappings_mapping {
	uint32_t site;
	uint32_t ranges; /* left of it; 0: the entry is free */
};

struct mappings {
	struct mappings_range *ranges; /* owned, as all arrays here */
	size_t count, capacity;
	struct mappings_mapping *mappings;
	size_t mapping_count, mapping_capacity;
	uint32_t *spare; /* free entries of mappings */
	size_t spare_count, spare_capacity;
};

/* A part of a mapping that went away. */
struct mappings_part {
	uint32_t site;
	uint64_t size; /* bytes */
	bool ended; /* nothing is left of the mapping */
};

/* Nothing may be mapped there: take it away first. */
void mappings_add(struct mappings *m, uint64_t start, uint64_t end,
		  uint32_t site);
/*
 * Takes away the first part that lies within start..end. False when there is
 * none; call it until then.
 */
bool mappings_take(struct mappings *m, uint64_t start, uint64_t end,
		   struct mappings_part *part);
void mappings_release(struct mappings *m);

#endif
