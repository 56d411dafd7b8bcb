/*
 * live - see live.h.
 *
 * Linear probing; taking an entry out moves the following ones up, so there
 * are no tombstones and a table that is used for ever stays as good as new.
 */
#include "trace/live.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

enum {
	SIZE_FIRST = 1024,
	REGION_BITS = 8,
	GRAIN_BITS = 4, /* allocators align to 16 bytes */
	SLOTS = 1 << (REGION_BITS - GRAIN_BITS),
};

static uint64_t addr_of(const struct live_entry *e)
{
	return e->addr_site >> 16;
}

static bool is_free(const struct live_entry *e)
{
	return !e->addr_site;
}

static size_t home(const struct live *l, uint64_t addr)
{
	uint64_t region = (addr >> REGION_BITS) * 0x9e3779b97f4a7c15ULL >> 20;

	return (region + ((addr >> GRAIN_BITS) & (SLOTS - 1))) & (l->size - 1);
}

static size_t next(const struct live *l, size_t at)
{
	return (at + 1) & (l->size - 1);
}

/* Where `addr` stands or would stand. */
static inline size_t seek(const struct live *l, uint64_t addr)
{
	size_t at = home(l, addr);

	for (;; at = next(l, at)) {
		uint64_t there = l->entries[at].addr_site;

		if (!there || there >> 16 == addr)
			return at;
	}
}

static void grow(struct live *l)
{
	struct live larger = { .size = l->size ? l->size * 2 : SIZE_FIRST,
			       .count = l->count };

	larger.entries = xcalloc(larger.size, sizeof(*larger.entries));
	for (size_t i = 0; i < l->size; i++) {
		const struct live_entry *e = &l->entries[i];

		if (!is_free(e))
			larger.entries[seek(&larger, addr_of(e))] = *e;
	}
	free(l->entries);
	*l = larger;
}

static struct live_block unpack(const struct live_entry *e)
{
	return (struct live_block){
		.site = (uint32_t)(e->addr_site & 0xffff) |
			(uint32_t)(e->number_site & 0xffff) << 16,
		.number = e->number_site >> 16,
	};
}

bool live_put(struct live *l, uint64_t addr, struct live_block block,
	      struct live_block *old)
{
	struct live_entry *e;
	bool had;

	if (l->count >= l->size / 4 * 3)
		grow(l);
	e = &l->entries[seek(l, addr)];
	had = !is_free(e);
	if (had)
		*old = unpack(e);
	l->count += !had;
	e->addr_site = addr << 16 | (block.site & 0xffff);
	e->number_site = block.number << 16 | block.site >> 16;
	return had;
}

bool live_find(const struct live *l, uint64_t addr, struct live_block *block)
{
	const struct live_entry *e;

	if (!l->count)
		return false;
	e = &l->entries[seek(l, addr)];
	*block = unpack(e);
	return !is_free(e);
}

/* Closes the gap at `hole`: what probed past it moves into it. */
static void close_gap(struct live *l, size_t hole)
{
	size_t at = hole;

	for (;;) {
		size_t from;

		at = next(l, at);
		if (is_free(&l->entries[at]))
			break;
		from = home(l, addr_of(&l->entries[at]));
		if (((at - from) & (l->size - 1)) <
		    ((at - hole) & (l->size - 1)))
			continue;
		l->entries[hole] = l->entries[at];
		hole = at;
	}
	l->entries[hole] = (struct live_entry){ 0 };
}

bool live_take(struct live *l, uint64_t addr, struct live_block *block)
{
	size_t at;

	if (!l->count)
		return false;
	at = seek(l, addr);
	if (is_free(&l->entries[at]))
		return false;
	*block = unpack(&l->entries[at]);
	close_gap(l, at);
	l->count--;
	return true;
}

bool live_next(const struct live *l, size_t *at, struct live_block *block,
	       uint64_t *addr)
{
	while (*at < l->size) {
		const struct live_entry *e = &l->entries[(*at)++];

		if (is_free(e))
			continue;
		*block = unpack(e);
		*addr = addr_of(e);
		return true;
	}
	return false;
}

void live_release(struct live *l)
{
	free(l->entries);
	*l = (struct live){ 0 };
}
