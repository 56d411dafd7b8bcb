/*
 * Design
 * ------
 * Sorted by start, wider ranges first, every range that encloses another comes
 * before it. A sweep with the chain of open ranges gives each its `outer`. An
 * address is looked for from the last range that starts at or before it, and
 * then outwards.
 */
#include "analyzer/spans.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

void spans_init(struct spans *s)
{
	*s = (struct spans){ 0 };
}

void spans_release(struct spans *s)
{
	free(s->items);
	spans_init(s);
}

void spans_add(struct spans *s, uint64_t start, uint64_t end, uint32_t value)
{
	if (start >= end || s->count >= SPANS_NONE - 1)
		return;
	s->items = xgrow(s->items, &s->room, s->count + 1, sizeof(*s->items));
	s->items[s->count++] = (struct span){
		.start = start, .end = end, .value = value, .outer = SPANS_NONE
	};
}

static int compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

void spans_finish(struct spans *s)
{
	uint32_t open = SPANS_NONE;

	if (s->count)
		qsort(s->items, s->count, sizeof(*s->items), compare);
	for (uint32_t i = 0; i < s->count; i++) {
		while (open != SPANS_NONE &&
		       s->items[open].end <= s->items[i].start)
			open = s->items[open].outer;
		s->items[i].outer = open;
		open = i;
	}
}

uint32_t spans_find(const struct spans *s, uint64_t addr)
{
	size_t low = 0, high = s->count, middle;
	uint32_t i;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->items[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	i = low ? (uint32_t)(low - 1) : SPANS_NONE;
	while (i != SPANS_NONE && s->items[i].end <= addr)
		i = s->items[i].outer;
	return i == SPANS_NONE ? SPANS_NONE : s->items[i].value;
}
