/*
 * guess - which site comes next, as the writer and every reader expect it.
 *
 * Programs repeat themselves: after a block of one site usually comes a block
 * of the site that came last time. Both sides keep the same memory, so a right
 * guess costs one bit. A site that has never been followed is expected to be
 * followed by one that has never been seen, which has the next number.
 */
#ifndef MEMPROF_TRACE_GUESS_H
#define MEMPROF_TRACE_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guess {
	uint32_t *after; /* owned; by site, site + 1, 0 unknown */
	size_t capacity;
	uint32_t last; /* site */
	uint32_t newest; /* one more than the largest site seen */
};

void guess_reset(struct guess *g);
void guess_release(struct guess *g);
void guess_grow(struct guess *g, uint32_t site);

static inline uint32_t guess_next(const struct guess *g)
{
	uint32_t after = g->last < g->capacity ? g->after[g->last] : 0;

	return after ? after - 1 : g->newest;
}

static inline void guess_learn(struct guess *g, uint32_t site)
{
	if (g->last >= g->capacity)
		guess_grow(g, g->last);
	g->after[g->last] = site + 1;
	g->last = site;
	if (site >= g->newest)
		g->newest = site + 1;
}

#endif
