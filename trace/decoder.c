/*
 * decoder - see decoder.h.
 */
#include "trace/decoder.h"

#include <stdlib.h>

#include "trace/format.h"
#include "trace/xmalloc.h"

enum {
	DEAD_MOST =
		1 << 18, /* entries of what has ended that are put up with */
	LIVE_MOST = 1 << 27, /* blocks; a file that claims more lies */
};

void decoder_init(struct decoder *d, const struct catalog *c)
{
	*d = (struct decoder){ .catalog = c };
}

void decoder_release(struct decoder *d)
{
	guess_release(&d->begins);
	guess_release(&d->ends);
	order_release(&d->order);
	free(d->live);
	free(d->processes);
}

void decoder_lose(struct decoder *d)
{
	d->started = false;
}

static void make_room(struct decoder *d, uint64_t more)
{
	d->live = xgrow(d->live, &d->live_capacity,
			(size_t)(d->order.next + more), sizeof(*d->live));
}

/* Lets go of the entries of what has ended. */
static void close_up(struct decoder *d)
{
	struct order order = { 0 };

	if (d->order.next < 2 * d->order.live + DEAD_MOST)
		return;
	for (uint64_t n = order_from(&d->order, 0); n != ORDER_NONE;
	     n = order_from(&d->order, n + 1)) {
		d->live[order.next] = d->live[n];
		order_add(&order);
	}
	order_release(&d->order);
	d->order = order;
}

static void add_live(struct decoder *d, struct decoder_block block)
{
	d->live[d->order.next] = block;
	order_add(&d->order);
}

static bool read_head(struct decoder *d, uint64_t *live)
{
	struct cursor *head = &d->columns[EVENTS_HEAD];

	d->left = cursor_get(head);
	d->event = cursor_get(head);
	d->blocks = cursor_get(head);
	d->time = cursor_get(head);
	*live = cursor_get(head);
	d->planes = cursor_get(head);
	return !head->bad && d->left <= FORMAT_EVENTS_PER_BLOCK &&
	       d->left <= cursor_left(&d->columns[EVENTS_OPS]) &&
	       *live <= LIVE_MOST;
}

static bool get_size(struct decoder *d, uint32_t site,
		     enum events_column slacks, uint64_t *size);

/* What is live where decoding begins. */
static bool read_live(struct decoder *d, uint64_t live)
{
	struct cursor *sites = &d->columns[EVENTS_LIVE_SITES];
	struct guess g = { 0 };
	bool good = live <= cursor_left(sites);

	order_release(&d->order);
	if (good)
		make_room(d, live);
	while (good && live--) {
		struct decoder_block b = { .number = MODEL_NO_BLOCK };
		uint64_t given = cursor_get(sites);
		uint64_t site = given ? given - 1 : guess_next(&g);

		good = site < d->catalog->site_count &&
		       d->catalog->sites[site].kind == MODEL_HEAP;
		if (!good)
			break;
		b.site = (uint32_t)site;
		guess_learn(&g, b.site);
		good = get_size(d, b.site, EVENTS_LIVE_SLACKS, &b.size);
		add_live(d, b);
	}
	guess_release(&g);
	return good && !sites->bad;
}

bool decoder_open(struct decoder *d, const uint8_t *payload, size_t size,
		  bool fresh)
{
	uint64_t live;

	if (!cursors_open(d->columns, EVENTS_COLUMNS, payload, size) ||
	    !read_head(d, &live))
		return false;
	d->rank = 0;
	if (fresh) {
		guess_reset(&d->begins);
		guess_reset(&d->ends);
		if (!d->started && !read_live(d, live))
			return false;
		d->started = true;
	}
	if (!d->started || live != d->order.live)
		return false;
	close_up(d);
	make_room(d, d->left);
	return true;
}

/* The number of a site from up to three columns. */
static uint64_t get_planes(struct cursor *c)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < COLUMN_VARINT_MAX - 1; i++) {
		struct cursor *plane = &c[i < EVENTS_PLANES ? i : 2];
		uint64_t byte = scale_get_byte(plane);

		value |= (byte & 0x7f) << 7 * i;
		if (byte < 0x80) {
			c->bad |= plane->bad;
			return value;
		}
	}
	c->bad = true;
	return 0;
}

/* A site, guessed or given; site_count when the column lies. */
static uint32_t get_site(struct decoder *d, struct guess *g, bool guessed,
			 enum events_column column)
{
	struct cursor *given = &d->columns[column];
	size_t count = d->catalog->site_count;
	uint64_t site;

	if (guessed)
		site = guess_next(g);
	else if (d->planes && column == EVENTS_SITES)
		site = get_planes(given);
	else
		site = cursor_get(given);
	if (site >= count || given->bad)
		return (uint32_t)count;
	guess_learn(g, (uint32_t)site);
	return (uint32_t)site;
}

/* Bytes of a block of the site. */
static bool get_size(struct decoder *d, uint32_t site,
		     enum events_column slacks, uint64_t *size)
{
	const struct model_site *s = &d->catalog->sites[site];
	uint64_t slack = 0;

	if (!s->exact)
		slack = cursor_get(&d->columns[slacks]);
	*size = s->size - slack;
	return slack <= s->size && !d->columns[slacks].bad;
}

static bool get_begin(struct decoder *d, uint8_t op, enum model_kind kind,
		      struct model_event *event)
{
	uint32_t site =
		get_site(d, &d->begins, op & EVENTS_GUESSED, EVENTS_SITES);

	if (site == d->catalog->site_count ||
	    d->catalog->sites[site].kind != kind)
		return false;
	event->site = site;
	if (!get_size(d, site, EVENTS_SLACKS, &event->size))
		return false;
	if (kind != MODEL_HEAP)
		return true;
	event->block = d->blocks++;
	add_live(d, (struct decoder_block){ .number = event->block,
					    .size = event->size,
					    .site = site });
	return true;
}

/* What ends, as `old` of the event. */
static bool get_end(struct decoder *d, uint8_t op, struct model_event *event)
{
	const struct decoder_block *b;
	uint64_t rank = 0, number;

	if (!(op & EVENTS_YOUNGEST)) {
		rank = scale_get(&d->columns[EVENTS_RANKS], &d->rank) + 1;
		if (!rank || scale_is_bad(&d->columns[EVENTS_RANKS]))
			return false;
	}
	if (rank >= d->order.live)
		return false;
	number = order_select(&d->order, rank);
	order_take(&d->order, number);
	b = &d->live[number];
	event->old = b->number;
	event->old_site = b->site;
	event->old_size = b->size;
	return true;
}

static bool get_free(struct decoder *d, uint8_t op, struct model_event *event)
{
	if (!get_end(d, op, event))
		return false;
	event->kind = op & EVENTS_TEMPORARY ? MODEL_EVENT_FREE_TEMPORARY
					    : MODEL_EVENT_FREE;
	event->site = event->old_site;
	event->size = event->old_size;
	event->block = event->old;
	return true;
}

static bool get_unmap(struct decoder *d, uint8_t op, struct model_event *event)
{
	struct cursor *numbers = &d->columns[EVENTS_NUMBERS];
	uint32_t site = get_site(d, &d->ends, op & EVENTS_END_GUESSED,
				 EVENTS_ENDED_SITES);

	if (site == d->catalog->site_count ||
	    d->catalog->sites[site].kind != MODEL_MAPPING)
		return false;
	event->kind = MODEL_EVENT_UNMAP;
	event->site = site;
	event->size = cursor_get(numbers);
	event->ended = op & EVENTS_TEMPORARY;
	return !numbers->bad;
}

/* Takes what the process has of the `reach` youngest blocks. */
static void take_lost(struct decoder *d, uint32_t process, uint64_t reach)
{
	uint64_t n;

	if (!reach)
		return;
	if (!d->processes)
		d->processes = catalog_processes(d->catalog);
	n = order_select(&d->order, reach - 1);
	for (; n != ORDER_NONE; n = order_from(&d->order, n + 1))
		if (d->processes[d->live[n].site] == process)
			order_take(&d->order, n);
}

static bool get_exit(struct decoder *d, struct model_event *event)
{
	struct cursor *numbers = &d->columns[EVENTS_NUMBERS];
	uint64_t process = cursor_get(numbers);
	uint64_t reach = cursor_get(numbers);

	if (numbers->bad || process >= d->catalog->process_count ||
	    reach > d->order.live)
		return false;
	event->kind = MODEL_EVENT_EXIT;
	event->site = (uint32_t)process;
	take_lost(d, event->site, reach);
	return true;
}

static bool get_event(struct decoder *d, uint8_t op, struct model_event *event)
{
	switch ((enum events_verb)(op & EVENTS_VERB)) {
	case EVENTS_ALLOC:
		event->kind = MODEL_EVENT_ALLOC;
		return get_begin(d, op, MODEL_HEAP, event);
	case EVENTS_FREE:
		return get_free(d, op, event);
	case EVENTS_REALLOC:
		event->kind = MODEL_EVENT_REALLOC;
		event->moved = op & EVENTS_TEMPORARY;
		return get_end(d, op, event) &&
		       get_begin(d, op, MODEL_HEAP, event);
	case EVENTS_MOVED_IN:
		event->kind = MODEL_EVENT_REALLOC;
		event->old_site = MODEL_NO_SITE;
		return get_begin(d, op, MODEL_HEAP, event);
	case EVENTS_MAP:
		event->kind = MODEL_EVENT_MAP;
		return get_begin(d, op, MODEL_MAPPING, event);
	case EVENTS_UNMAP:
		return get_unmap(d, op, event);
	case EVENTS_EXIT:
		return get_exit(d, event);
	case EVENTS_TIME:
		break;
	}
	return false;
}

int decoder_next(struct decoder *d, struct model_event *event)
{
	struct cursor *ops = &d->columns[EVENTS_OPS];
	struct cursor *times = &d->columns[EVENTS_TIMES];

	if (!d->left)
		return 0;
	while (ops->at < ops->end) {
		uint8_t op = *ops->at++;

		if ((op & EVENTS_VERB) == EVENTS_TIME) {
			d->time += cursor_get(times) << EVENTS_TICK_SHIFT;
			if (times->bad)
				return -1;
			continue;
		}
		*event = (struct model_event){ .time = d->time };
		if (!get_event(d, op, event))
			return -1;
		d->left--;
		d->event++;
		return 1;
	}
	return -1;
}
