/*
 * index - see index.h.
 *
 * Grows at three quarters full: numbers are small, and the longer probes stay
 * within a cache line.
 */
#include "trace/index.h"

#include <stdlib.h>

#include <xxhash.h>

#include "trace/pages.h"
#include "trace/xmalloc.h"

enum {
	SIZE_FIRST = 64,
};

static void put(struct index *x, uint64_t hash, uint32_t number)
{
	size_t at = index_start(x, hash);

	while (x->slots[at])
		at = index_next(x, at);
	x->slots[at] = number + 1;
}

static void grow(struct index *x, const void *table, index_hash *hash)
{
	struct index larger = { .size = x->size ? x->size * 2 : SIZE_FIRST,
				.count = x->count };

	larger.slots = xcalloc(larger.size, sizeof(*larger.slots));
	pages_are_large(larger.slots, larger.size * sizeof(*larger.slots));
	for (size_t i = 0; i < x->size; i++)
		if (x->slots[i])
			put(&larger, hash(table, x->slots[i] - 1),
			    x->slots[i] - 1);
	free(x->slots);
	*x = larger;
}

void index_add(struct index *x, uint32_t number, const void *table,
	       index_hash *hash)
{
	if (x->count >= x->size / 4 * 3)
		grow(x, table, hash);
	put(x, hash(table, number), number);
	x->count++;
}

void index_release(struct index *x)
{
	free(x->slots);
	*x = (struct index){ 0 };
}

uint64_t index_hash_bytes(const void *p, size_t size)
{
	return XXH3_64bits(p, size);
}
