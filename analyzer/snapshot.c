/*
 * snapshot - see snapshot.h.
 */
#include "analyzer/snapshot.h"

#include <stdbool.h>
#include <stdlib.h>

#include "analyzer/profile.h"
#include "trace/xmalloc.h"

/* Is it of a process that was not looked at again? */
static bool is_last(const struct profile *p, const struct model_objects *o,
		    const struct model_objects *end)
{
	if (o->process >= p->process_count || o->time > p->time)
		return false;
	for (const struct model_objects *later = o + 1; later < end; later++)
		if (later->process == o->process && later->time <= p->time)
			return false;
	return true;
}

const struct model_objects *snapshot_next(const struct profile *p,
					  const struct model_objects *o)
{
	size_t n;
	const struct model_objects *list = trace_objects(p->trace, &n);

	for (o = o ? o + 1 : list; n && o < list + n; o++)
		if (is_last(p, o, list + n))
			return o;
	return NULL;
}

/* Places by what their blocks keep from being given back. */
struct pins {
	struct profile *profile;
	struct query_pin *rows; /* of the arena of answers */
	uint32_t *at; /* owned: row + 1 of each call */
	size_t count;
};

static void add_pin(struct pins *pins, const struct model_pin *pin)
{
	struct profile *p = pins->profile;
	uint32_t place = stacks_place(p->stacks, p->sites[pin->site].node);
	struct query_pin *row;

	if (place == CALLS_NONE)
		return;
	if (!pins->at[place]) {
		pins->at[place] = (uint32_t)++pins->count;
		pins->rows[pins->count - 1].place =
			*calls_frame(p->calls, place);
	}
	row = &pins->rows[pins->at[place] - 1];
	row->arenas += pin->arenas;
	row->blocks += pin->blocks;
	row->bytes += pin->bytes;
}

static int compare_pins(const void *a, const void *b)
{
	const struct query_pin *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return calls_compare(&x->place, &y->place);
}

/* How many places there may be. */
static size_t room_for(struct profile *p)
{
	const struct model_objects *o = NULL;
	size_t n = 0;

	while ((o = snapshot_next(p, o)))
		for (size_t i = 0; i < o->pin_count; i++, n++)
			stacks_place(p->stacks, p->sites[o->pins[i].site].node);
	return n;
}

static void add_classes(struct query_arenas *q, const struct model_objects *o)
{
	for (size_t i = 0; i < o->class_count; i++) {
		const struct model_size_class *c = &o->classes[i];
		uint32_t at = (c->size - 1) / QUERY_CLASS_STEP;
		struct model_size_class *to = &q->classes[at];

		if (!c->size || at >= QUERY_CLASSES)
			continue;
		to->size = c->size;
		to->pools += c->pools;
		to->blocks += c->blocks;
		to->room += c->room;
	}
}

const struct query_arenas *profile_arenas(struct profile *p)
{
	struct query_arenas *q = arena_alloc(&p->arena, 1, sizeof(*q));
	struct pins pins = { .profile = p };
	const struct model_objects *o = NULL;

	pins.rows = arena_alloc(&p->arena, room_for(p) + 1, sizeof(*pins.rows));
	pins.at = xcalloc((size_t)calls_count(p->calls) + 1, sizeof(*pins.at));
	while ((o = snapshot_next(p, o))) {
		q->looked = true;
		q->arenas += o->arenas;
		q->bytes += o->arena_bytes;
		q->free_bytes += o->free_bytes;
		q->free_pools += o->free_pools;
		add_classes(q, o);
		for (size_t i = 0; i < o->pin_count; i++)
			add_pin(&pins, &o->pins[i]);
	}
	free(pins.at);
	qsort(pins.rows, pins.count, sizeof(*pins.rows), compare_pins);
	q->pins = pins.rows;
	q->pin_count = pins.count;
	return q;
}
