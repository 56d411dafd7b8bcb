/*
 * decoder - see decoder.h.
 */
#include "trace/decoder.h"

#include <stdlib.h>

#include "trace/format.h"
#include "trace/xmalloc.h"

void decoder_init(struct decoder *d, const struct model_site *sites,
		  size_t site_count, size_t process_count)
{
	*d = (struct decoder){ .sites = sites,
			       .site_count = site_count,
			       .process_count = process_count };
}

void decoder_release(struct decoder *d)
{
	guess_release(&d->begins);
	guess_release(&d->ends);
	free(d->begun);
}

void decoder_lose(struct decoder *d)
{
	d->started = false;
}

bool decoder_open(struct decoder *d, const uint8_t *payload, size_t size,
		  bool fresh)
{
	struct cursor *head = &d->columns[EVENTS_HEAD];

	if (!cursors_open(d->columns, EVENTS_COLUMNS, payload, size))
		return false;
	d->left = cursor_get(head);
	d->event = cursor_get(head);
	d->first_block = d->blocks = cursor_get(head);
	d->time = cursor_get(head);
	if (head->bad || d->left > FORMAT_EVENTS_PER_BLOCK ||
	    d->left > cursor_left(&d->columns[EVENTS_OPS]))
		return false;
	if (fresh) {
		guess_reset(&d->begins);
		guess_reset(&d->ends);
		d->started = true;
	}
	d->begun =
		xgrow(d->begun, &d->begun_capacity, d->left, sizeof(*d->begun));
	return d->started;
}

/* A site, guessed or given; site_count when the column lies. */
static uint32_t get_site(struct decoder *d, struct guess *g, bool guessed,
			 struct cursor *given)
{
	uint64_t site;

	if (guessed)
		site = guess_next(g);
	else
		site = cursor_get(given);
	if (site >= d->site_count || given->bad)
		return (uint32_t)d->site_count;
	guess_learn(g, (uint32_t)site);
	return (uint32_t)site;
}

/* Bytes of a block of the site. */
static bool get_size(struct decoder *d, uint32_t site, uint64_t *size)
{
	const struct model_site *s = &d->sites[site];
	uint64_t slack = 0;

	if (!s->exact)
		slack = cursor_get(&d->columns[EVENTS_SLACKS]);
	*size = s->size - slack;
	return slack <= s->size && !d->columns[EVENTS_SLACKS].bad;
}

static bool get_begin(struct decoder *d, uint8_t op, enum model_kind kind,
		      struct model_event *event)
{
	uint32_t site = get_site(d, &d->begins, op & EVENTS_GUESSED,
				 &d->columns[EVENTS_SITES]);

	if (site == d->site_count || d->sites[site].kind != kind)
		return false;
	event->site = site;
	if (!get_size(d, site, &event->size))
		return false;
	if (kind != MODEL_HEAP)
		return true;
	event->block = d->blocks++;
	d->begun[event->block - d->first_block] =
		(struct decoder_block){ .site = site, .size = event->size };
	return true;
}

/* What ends, as `old` of the event. */
static bool get_end(struct decoder *d, uint8_t op, struct model_event *event)
{
	uint64_t age = 1;
	uint32_t site;

	if (!(op & EVENTS_YOUNGEST))
		age = scale_get(&d->columns[EVENTS_AGES]);
	if (!age || age > d->blocks || scale_is_bad(&d->columns[EVENTS_AGES]))
		return false;
	event->old = d->blocks - age;
	if ((event->old < d->first_block) != !!(op & EVENTS_BEFORE))
		return false;
	if (!(op & EVENTS_BEFORE)) {
		const struct decoder_block *b =
			&d->begun[event->old - d->first_block];

		event->old_site = b->site;
		event->old_size = b->size;
		return true;
	}
	site = get_site(d, &d->ends, op & EVENTS_END_GUESSED,
			&d->columns[EVENTS_ENDED_SITES]);
	if (site == d->site_count || d->sites[site].kind != MODEL_HEAP)
		return false;
	event->old_site = site;
	return get_size(d, site, &event->old_size);
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
				 &d->columns[EVENTS_ENDED_SITES]);

	if (site == d->site_count || d->sites[site].kind != MODEL_MAPPING)
		return false;
	event->kind = MODEL_EVENT_UNMAP;
	event->site = site;
	event->size = cursor_get(numbers);
	event->ended = op & EVENTS_TEMPORARY;
	return !numbers->bad;
}

static bool get_exit(struct decoder *d, struct model_event *event)
{
	struct cursor *numbers = &d->columns[EVENTS_NUMBERS];
	uint64_t process = cursor_get(numbers);

	event->kind = MODEL_EVENT_EXIT;
	event->site = (uint32_t)process;
	return !numbers->bad && process < d->process_count;
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
