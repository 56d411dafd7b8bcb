/*
 * live - which blocks of a process are live, by address.
 *
 * The busiest table of the collector: each event looks an address up. An entry
 * is 16 bytes (address 48 bits, site 32, block number 47). Four of them are a
 * cache line, and a line is what the hash gives: who looks there compares 32
 * bits of all four addresses at once, without a branch, and is done unless the
 * line is full. With one entry a step every second event went wrong on the
 * length of its search, for 5 ns each time, and took 80 instructions, not 30.
 *
 * Blocks that are neighbours in memory are neighbours here: 256 bytes of
 * address space are four lines that follow each other, because what is
 * allocated together is freed together.
 *
 * Where sizes share a site, what its blocks lack of the site's size stands in
 * an array beside the lines, which there is as soon as one lacks something. A
 * live block costs 26 to 51 bytes, and 6 to 13 more with that.
 */
#ifndef MEMPROF_TRACE_LIVE_H
#define MEMPROF_TRACE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LIVE_WAYS = 4,
};

struct live_line {
	uint32_t tag[LIVE_WAYS]; /* bits 4 to 35 of the address, | 1; 0: free */
	uint32_t site[LIVE_WAYS];
	uint64_t rest[LIVE_WAYS]; /* number << 17 | the other bits */
};

struct live {
	struct live_line *lines; /* owned */
	uint32_t *slack; /* of each entry; owned, NULL when all are 0 */
	size_t size; /* in lines: a power of two, or 0 */
	unsigned int shift; /* of a hash, to make it a line's number */
	size_t count, most; /* blocks; how many until it grows */
};

/* What is known about an address. */
struct live_block {
	uint32_t site;
	uint32_t slack; /* bytes by which it is smaller than its site says */
	uint64_t number; /* 47 bits */
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

/* The line where `addr` stands, unless it and some after it are full. */
static inline size_t live_home(const struct live *l, uint64_t addr)
{
	uint64_t region = (addr >> 8) * 0x9e3779b97f4a7c15ULL;

	return ((region >> l->shift) + ((addr >> 6) & 3)) & (l->size - 1);
}

#endif
