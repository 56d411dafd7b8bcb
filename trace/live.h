/*
 * live - which blocks of a process are live, by address.
 *
 * The busiest table of the collector: each event looks an address up. An entry
 * is two words (address 48 bits, site 32, block number 48), so four of them
 * fit in a cache line and a live block costs 21 to 43 bytes. Blocks that are
 * neighbours in memory are neighbours here: the hash moves runs of 256 bytes of
 * address space, because what is allocated together is freed together. Longer
 * runs made searches longer where two of them met: 10 steps instead of 2.
 *
 * What a site does not say about its blocks, the size where sizes share a
 * site, is kept in a second such table by whoever needs it.
 */
#ifndef MEMPROF_TRACE_LIVE_H
#define MEMPROF_TRACE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_entry {
	uint64_t addr_site; /* address << 16 | low half of the site */
	uint64_t number_site; /* number << 16 | high half; both 0: free */
};

struct live {
	struct live_entry *entries; /* owned */
	size_t size; /* a power of two, or 0 */
	size_t count;
};

/* What is known about an address. */
struct live_block {
	uint32_t site;
	uint64_t number; /* 48 bits */
};

/* `addr` has 48 bits and is not 0. True when it replaces `old`. */
bool live_put(struct live *l, uint64_t addr, struct live_block block,
	      struct live_block *old);
bool live_find(const struct live *l, uint64_t addr, struct live_block *block);
/* Finds and takes out. */
bool live_take(struct live *l, uint64_t addr, struct live_block *block);
/* Goes through all: true as long as there is another. Begin with *at = 0. */
bool live_next(const struct live *l, size_t *at, struct live_block *block,
	       uint64_t *addr);
void live_release(struct live *l);

#endif
