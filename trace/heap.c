/*
 * heap - see heap.h.
 */
#include "trace/heap.h"

#include <stdlib.h>

#include "trace/pages.h"
#include "trace/ring.h"
#include "trace/xmalloc.h"

enum {
	GAP = 256 << 20, /* bytes without a block that part two stretches */
	DIGIT = 11, /* bits that a pass sorts by */
	DIGITS = 1 << DIGIT,
	ADDR_BITS = 47,
};

struct entry {
	uint64_t addr;
	uint64_t size;
	uint32_t site;
};

/* Arrays are read in any order. */
static void *take(size_t count, size_t size)
{
	void *array = xreallocarray(NULL, count + 1, size);

	pages_are_large(array, count * size);
	return array;
}

static size_t collect(const struct live *live, const struct sites *sites,
		      struct entry *to)
{
	struct live_block block;
	uint64_t addr, size;
	size_t at = 0, n = 0;

	while (live_next(live, &at, &block, &addr)) {
		if (addr & RING_POOL_ADDR)
			continue;
		size = sites->list[block.site].key.size - block.slack;
		to[n++] = (struct entry){ addr, size, block.site };
	}
	return n;
}

static void sort_by(const struct entry *from, struct entry *to, size_t n,
		    unsigned int shift)
{
	size_t *at = xcalloc(DIGITS + 1, sizeof(*at));

	for (size_t i = 0; i < n; i++)
		at[((from[i].addr >> shift) & (DIGITS - 1)) + 1]++;
	for (size_t i = 1; i < DIGITS; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < n; i++)
		to[at[(from[i].addr >> shift) & (DIGITS - 1)]++] = from[i];
	free(at);
}

/* By address: blocks begin at multiples of 8, all of them. */
static struct entry *sort(struct entry *list, size_t n)
{
	struct entry *other = take(n, sizeof(*other));

	for (unsigned int shift = 0; shift < ADDR_BITS; shift += DIGIT) {
		struct entry *sorted = other;

		sort_by(list, other, n, shift);
		other = list;
		list = sorted;
	}
	free(other);
	return list;
}

static void add_stretch(struct heap *h, uint32_t begin, uint32_t end)
{
	struct heap_stretch s = {
		.low = h->addr[begin] >> HEAP_PAGE << HEAP_PAGE,
		.high = h->addr[end - 1] + h->size[end - 1] + 1,
	};
	size_t pages = ((s.high - s.low) >> HEAP_PAGE) + 2;
	uint32_t at = begin;

	s.first = xreallocarray(NULL, pages, sizeof(*s.first));
	for (size_t page = 0; page < pages; page++) {
		uint64_t start = s.low + ((uint64_t)page << HEAP_PAGE);

		while (at < end && h->addr[at] < start)
			at++;
		s.first[page] = at;
	}
	h->stretches = xgrow(h->stretches, &h->stretch_capacity,
			     h->stretch_count + 1, sizeof(*h->stretches));
	h->stretches[h->stretch_count++] = s;
}

static void find_stretches(struct heap *h)
{
	uint32_t begin = 0;

	for (uint32_t i = 1; i <= h->count; i++) {
		if (i < h->count &&
		    h->addr[i] - h->addr[i - 1] < h->size[i - 1] + GAP)
			continue;
		add_stretch(h, begin, i);
		begin = i;
	}
}

void heap_init(struct heap *h, const struct live *live,
	       const struct sites *sites)
{
	struct entry *list = take(live->count, sizeof(*list));

	*h = (struct heap){ .count = collect(live, sites, list) };
	list = sort(list, h->count);
	h->addr = take(h->count, sizeof(*h->addr));
	h->size = take(h->count, sizeof(*h->size));
	h->site = take(h->count, sizeof(*h->site));
	for (size_t i = 0; i < h->count; i++) {
		h->addr[i] = list[i].addr;
		h->size[i] = list[i].size;
		h->site[i] = list[i].site;
	}
	free(list);
	find_stretches(h);
}

void heap_release(struct heap *h)
{
	for (size_t i = 0; i < h->stretch_count; i++)
		free(h->stretches[i].first);
	free(h->stretches);
	free(h->addr);
	free(h->size);
	free(h->site);
}

/* The first in [low, high) that begins at `addr` or behind. */
static uint32_t seek(const struct heap *h, uint32_t low, uint32_t high,
		     uint64_t addr)
{
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (h->addr[middle] < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t heap_from(const struct heap *h, uint64_t addr)
{
	return seek(h, 0, (uint32_t)h->count, addr);
}

uint32_t heap_seek(const struct heap *h, const struct heap_stretch *s,
		   uint64_t addr)
{
	size_t page = (addr - s->low) >> HEAP_PAGE;
	uint32_t behind = seek(h, s->first[page], s->first[page + 1], addr + 1);

	/* The last that begins no later may have begun pages before. */
	if (!behind)
		return HEAP_NONE;
	behind--;
	return addr == h->addr[behind] ||
			       addr - h->addr[behind] < h->size[behind]
		       ? behind
		       : HEAP_NONE;
}

/* As if the blocks of a page were all of one size. */
uint32_t heap_guess(const struct heap *h, const struct heap_stretch *s,
		    uint64_t addr)
{
	uint64_t offset = addr - s->low;
	size_t page = offset >> HEAP_PAGE;
	uint32_t low = s->first[page];
	uint64_t count = s->first[page + 1] - low;
	uint32_t guess;

	offset &= ((uint64_t)1 << HEAP_PAGE) - 1;
	guess = low + (uint32_t)((offset * count) >> HEAP_PAGE);
	__builtin_prefetch(&h->addr[guess]);
	__builtin_prefetch(&h->size[guess]);
	return guess;
}

uint32_t heap_settle(const struct heap *h, const struct heap_stretch *s,
		     uint64_t addr, uint32_t guess)
{
	uint32_t end = s->first[((addr - s->low) >> HEAP_PAGE) + 1];

	while (guess < end && h->addr[guess] <= addr)
		guess++;
	/* Now behind it, by one at least if it is there. */
	while (guess && (guess == h->count || h->addr[guess] > addr))
		guess--;
	return addr == h->addr[guess] || addr - h->addr[guess] < h->size[guess]
		       ? guess
		       : HEAP_NONE;
}
