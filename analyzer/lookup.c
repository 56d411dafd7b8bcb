/*
 * Design
 * ------
 * Open addressing with linear probing, at most half full. A slot keeps 32 bits
 * of the hash, so that growing does not ask the owner and a probe seldom does.
 */
#include "analyzer/lookup.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

void lookup_init(struct lookup *l)
{
	*l = (struct lookup){ 0 };
}

void lookup_release(struct lookup *l)
{
	free(l->slots);
	lookup_init(l);
}

uint32_t lookup_find(const struct lookup *l, uint32_t hash, lookup_equal *equal,
		     const void *owner, const void *key)
{
	size_t mask = l->room - 1;
	const struct lookup_slot *s;

	if (!l->room)
		return LOOKUP_NONE;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		s = &l->slots[i];
		if (!s->item)
			return LOOKUP_NONE;
		if (s->hash == hash && equal(owner, s->item - 1, key))
			return s->item - 1;
	}
}

static void put(struct lookup *l, struct lookup_slot slot)
{
	size_t mask = l->room - 1;
	size_t i = slot.hash & mask;

	while (l->slots[i].item)
		i = (i + 1) & mask;
	l->slots[i] = slot;
}

static void grow(struct lookup *l)
{
	struct lookup old = *l;

	l->room = old.room ? old.room * 2 : 64;
	l->slots = xcalloc(l->room, sizeof(*l->slots));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].item)
			put(l, old.slots[i]);
	free(old.slots);
}

void lookup_add(struct lookup *l, uint32_t hash, uint32_t item)
{
	if (l->count * 2 >= l->room)
		grow(l);
	put(l, (struct lookup_slot){ .hash = hash, .item = item + 1 });
	l->count++;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

uint32_t lookup_hash_numbers(uint64_t a, uint64_t b)
{
	return (uint32_t)mix(mix(a) + b + 0x9e3779b97f4a7c15ULL);
}

uint32_t lookup_hash_text(const char *text, size_t length)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t)text[i]) * 0x100000001b3ULL;
	return (uint32_t)mix(h);
}
