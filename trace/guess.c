/*
 * guess - see guess.h.
 */
#include "trace/guess.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void guess_reset(struct guess *g)
{
	if (g->capacity)
		memset(g->after, 0, g->capacity * sizeof(*g->after));
	g->last = 0;
	g->newest = 0;
}

void guess_release(struct guess *g)
{
	free(g->after);
	*g = (struct guess){ 0 };
}

void guess_grow(struct guess *g, uint32_t site)
{
	size_t had = g->capacity;

	g->after = xgrow(g->after, &g->capacity, (size_t)site + 1,
			 sizeof(*g->after));
	memset(g->after + had, 0, (g->capacity - had) * sizeof(*g->after));
}
