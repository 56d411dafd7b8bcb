/*
 * index - find the number of an entry in a table by what it holds.
 *
 * Open addressing over numbers alone: the entries stay in their table, and
 * whoever looks one up compares there. A lookup is
 *
 *	for (size_t at = index_start(x, hash); (id = index_at(x, at));
 *	     at = index_next(x, at))
 *		if (entry id - 1 is the one)
 *			return id - 1;
 *
 * and adds with index_add() when the loop ends. Nothing is ever taken out.
 */
#ifndef MEMPROF_TRACE_INDEX_H
#define MEMPROF_TRACE_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index {
	uint32_t *slots; /* owned; number + 1, 0 free */
	size_t size; /* a power of two, or 0 */
	size_t count;
};

/* The hash of an entry of `table`; called when the index grows. */
typedef uint64_t index_hash(const void *table, uint32_t number);

void index_add(struct index *x, uint32_t number, const void *table,
	       index_hash *hash);
void index_release(struct index *x);

static inline size_t index_start(const struct index *x, uint64_t hash)
{
	return hash & (x->size - 1);
}

static inline uint32_t index_at(const struct index *x, size_t at)
{
	return x->size ? x->slots[at] : 0;
}

static inline size_t index_next(const struct index *x, size_t at)
{
	return (at + 1) & (x->size - 1);
}

/* Spreads two words over 64 bits. */
static inline uint64_t index_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15ULL) *
			      (b ^ 0xd1b54a32d192ed03ULL);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Of a string of bytes, for tables of names. */
uint64_t index_hash_bytes(const void *p, size_t size);

#endif
