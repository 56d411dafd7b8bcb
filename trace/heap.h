/*
 * heap - the live blocks of a process in order of their addresses, to find
 * what an address points into.
 *
 * Blocks that lie close together are a stretch; of each of its pages it is
 * known which block is the first that begins there.
 */
#ifndef MEMPROF_TRACE_HEAP_H
#define MEMPROF_TRACE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/live.h"
#include "trace/sites.h"

#define HEAP_NONE UINT32_MAX

enum {
	HEAP_PAGE = 12, /* bits of an address in a page */
};

struct heap_stretch {
	uint64_t low, high; /* of pages */
	uint32_t *first; /* of each page, and one more; owned */
};

struct heap {
	uint64_t *addr; /* owned, as all arrays here */
	uint64_t *size; /* bytes */
	uint32_t *site;
	size_t count;
	struct heap_stretch *stretches;
	size_t stretch_count, stretch_capacity;
};

/* Blocks that programs say they took from pools of their own are left out. */
void heap_init(struct heap *h, const struct live *live,
	       const struct sites *sites);
void heap_release(struct heap *h);

/* The first block that begins at `addr` or behind. */
uint32_t heap_from(const struct heap *h, uint64_t addr);

/* The same, in the stretch that `addr` lies in. */
uint32_t heap_seek(const struct heap *h, const struct heap_stretch *s,
		   uint64_t addr);

/* The stretch that `addr` lies in, NULL none. */
static inline const struct heap_stretch *heap_stretch(const struct heap *h,
						      uint64_t addr)
{
	for (size_t i = 0; i < h->stretch_count; i++) {
		const struct heap_stretch *s = &h->stretches[i];

		if (addr - s->low < s->high - s->low)
			return s;
	}
	return NULL;
}

/* The block that `addr` points to or into; HEAP_NONE none. */
static inline uint32_t heap_find(const struct heap *h, uint64_t addr)
{
	const struct heap_stretch *s = heap_stretch(h, addr);

	return s ? heap_seek(h, s, addr) : HEAP_NONE;
}

/*
 * The same in three steps, for who has many to find: each asks the processor
 * for what the next one reads.
 */
static inline void heap_expect(const struct heap_stretch *s, uint64_t addr)
{
	__builtin_prefetch(&s->first[(addr - s->low) >> HEAP_PAGE]);
}
uint32_t heap_guess(const struct heap *h, const struct heap_stretch *s,
		    uint64_t addr);
uint32_t heap_settle(const struct heap *h, const struct heap_stretch *s,
		     uint64_t addr, uint32_t guess);

#endif
