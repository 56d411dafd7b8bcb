/*
 * spans - which of many address ranges, nested or not, holds an address.
 *
 * Filled once, closed with spans_finish(), then asked. Ranges that overlap
 * without nesting come from broken files; then some range that holds the
 * address is found, or none, in bounded time.
 */
#ifndef MEMPROF_ANALYZER_SPANS_H
#define MEMPROF_ANALYZER_SPANS_H

#include <stddef.h>
#include <stdint.h>

enum {
	SPANS_NONE = UINT32_MAX,
};

struct span {
	uint64_t start, end; /* end is one past the last */
	uint32_t value; /* the owner's */
	uint32_t outer; /* index of the span around this one */
};

struct spans {
	struct span *items;
	size_t count, room;
};

void spans_init(struct spans *s);
void spans_release(struct spans *s);

/* Empty and inverted ranges are left out. */
void spans_add(struct spans *s, uint64_t start, uint64_t end, uint32_t value);

/* Of equal ranges the one with the larger value counts as the inner one. */
void spans_finish(struct spans *s);

/* Value of the innermost range that holds `addr`, or SPANS_NONE. */
uint32_t spans_find(const struct spans *s, uint64_t addr);

#endif
