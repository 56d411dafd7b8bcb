/*
 * reorder - see reorder.h.
 */
#include "trace/reorder.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

static struct reorder_event *place_of(struct reorder *r, uint64_t addr)
{
	return &r->place[(addr * 0x9e3779b97f4a7c15ULL) >> 58];
}

void reorder_keep(struct reorder *r, const struct reorder_event *e)
{
	struct reorder_event *place;

	_Static_assert(REORDER_PLACES == 1 << (64 - 58), "one for each hash");
	if (!r->place)
		r->place = xcalloc(REORDER_PLACES, sizeof(*r->place));
	place = place_of(r, e->addr);
	r->count += !place->addr;
	*place = *e;
}

void reorder_release(struct reorder *r)
{
	free(r->place);
	*r = (struct reorder){ .place = NULL };
}

bool reorder_take_slowly(struct reorder *r, struct reorder_event *e)
{
	struct reorder_event *place = place_of(r, e->addr);
	struct reorder_event kept = *place;

	if (kept.addr != e->addr || kept.slot == e->slot)
		return false;
	place->addr = 0;
	r->count--;
	if (e->stamp >= kept.stamp + REORDER_WINDOW)
		return false;
	*e = kept;
	return true;
}
