/*
 * checkpoint - see checkpoint.h.
 *
 * Most sites are touched once and say little, so what is 0, 1 or the same as
 * another number is a bit in the flags, and the flags compress to nothing.
 */
#include "trace/checkpoint.h"

#include <stdlib.h>

void checkpoint_put_state(struct column *c, const struct checkpoint *at)
{
	const struct model_quality *q = &at->quality;
	const uint64_t counts[] = {
		q->lost_events,	     q->unmatched_frees, q->inherited_frees,
		q->truncated_stacks, q->reentrant,	 q->waits,
		q->checks,	     q->check_failures,	 q->reordered,
		q->unrecorded_frees,
	};

	column_put(c, at->events);
	column_put(c, at->blocks);
	column_put(c, at->time);
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		column_put(c, at->total[i].bytes);
		column_put(c, at->total[i].blocks);
		column_put(c, at->total[i].peak.bytes);
		column_put(c, at->total[i].peak.blocks);
		column_put(c, at->total[i].peak.time);
		column_put(c, at->total[i].epoch);
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		column_put(c, counts[i]);
}

void checkpoint_get_state(struct cursor *c, struct checkpoint *at)
{
	struct model_quality *q = &at->quality;
	uint64_t *const counts[] = {
		&q->lost_events,      &q->unmatched_frees, &q->inherited_frees,
		&q->truncated_stacks, &q->reentrant,	   &q->waits,
		&q->checks,	      &q->check_failures,  &q->reordered,
		&q->unrecorded_frees,
	};

	at->events = cursor_get(c);
	at->blocks = cursor_get(c);
	at->time = cursor_get(c);
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		at->total[i].bytes = cursor_get(c);
		at->total[i].blocks = cursor_get(c);
		at->total[i].peak.bytes = cursor_get(c);
		at->total[i].peak.blocks = cursor_get(c);
		at->total[i].peak.time = cursor_get(c);
		at->total[i].epoch = (uint32_t)cursor_get(c);
		at->total[i].saved = true;
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = cursor_get(c);
}

static unsigned int flags_of(const struct site *site)
{
	const struct model_stats *s = &site->stats;
	uint64_t live = model_live_blocks(s), bytes = model_live_bytes(s);
	unsigned int flags = 0;

	if (s->allocs == 1)
		flags |= CHECKPOINT_ONCE;
	if (s->moved_in || s->moved_out)
		flags |= CHECKPOINT_MOVED;
	if (live || bytes)
		flags |= CHECKPOINT_HAS_LIVE;
	if (s->temporary)
		flags |= CHECKPOINT_HAS_TEMPORARY;
	if (!s->peak_blocks && !s->peak_bytes)
		flags |= CHECKPOINT_NO_PEAK;
	else if (s->peak_blocks == live && s->peak_bytes == bytes)
		flags |= CHECKPOINT_PEAK_IS_LIVE;
	if (site->dead)
		flags |= CHECKPOINT_DEAD;
	if (site->key.exact && site->key.kind == MODEL_HEAP)
		flags |= CHECKPOINT_ONE_SIZE;
	return flags;
}

static void put_site(const struct site *site, struct column *c)
{
	const struct model_stats *s = &site->stats;
	uint8_t flags = (uint8_t)flags_of(site);
	bool one_size = flags & CHECKPOINT_ONE_SIZE;

	column_put_bytes(&c[CHECKPOINT_FLAGS], &flags, 1);
	if (!(flags & CHECKPOINT_ONCE))
		column_put(&c[CHECKPOINT_ALLOCS], s->allocs);
	if (flags & CHECKPOINT_MOVED) {
		column_put(&c[CHECKPOINT_MOVED_IN], s->moved_in);
		column_put(&c[CHECKPOINT_MOVED_OUT], s->moved_out);
	}
	if (flags & CHECKPOINT_HAS_LIVE)
		column_put(&c[CHECKPOINT_LIVE], model_live_blocks(s));
	if (flags & CHECKPOINT_HAS_TEMPORARY)
		column_put(&c[CHECKPOINT_TEMPORARY], s->temporary);
	if (!one_size)
		column_put(&c[CHECKPOINT_BYTES], s->bytes);
	if (!one_size && flags & CHECKPOINT_HAS_LIVE)
		column_put(&c[CHECKPOINT_LIVE_BYTES], model_live_bytes(s));
	if (flags & (CHECKPOINT_NO_PEAK | CHECKPOINT_PEAK_IS_LIVE))
		return;
	column_put(&c[CHECKPOINT_PEAK], s->peak_blocks);
	if (!one_size)
		column_put(&c[CHECKPOINT_PEAK_BYTES], s->peak_bytes);
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void checkpoint_write(struct sites *s, const struct checkpoint *at,
		      struct column *c)
{
	size_t count = at->whole ? s->count : s->touched_count;
	size_t expected = 0;

	if (!at->whole)
		qsort(s->touched, count, sizeof(*s->touched), compare);
	column_put(&c[CHECKPOINT_HEAD], count);
	for (size_t i = 0; i < count; i++) {
		uint32_t number = at->whole ? (uint32_t)i : s->touched[i];

		sites_settle(s, number);
		column_put(&c[CHECKPOINT_SITES], number - expected);
		put_site(&s->list[number], c);
		s->list[number].touched = false;
		expected = (size_t)number + 1;
	}
	s->touched_count = 0;
	checkpoint_put_state(&c[CHECKPOINT_HEAD], at);
}

void checkpoint_try(struct sites *s, struct column *c)
{
	size_t expected = 0;

	qsort(s->touched, s->touched_count, sizeof(*s->touched), compare);
	for (size_t i = 0; i < s->touched_count; i++) {
		column_put(&c[CHECKPOINT_SITES], s->touched[i] - expected);
		put_site(&s->list[s->touched[i]], c);
		expected = (size_t)s->touched[i] + 1;
	}
}

/* Bytes of the site's stats, read or worked out. False when they lie. */
static bool get_bytes(const struct model_site *key, struct cursor *c,
		      uint64_t live, unsigned int flags, struct model_stats *s)
{
	uint64_t begun, live_bytes = 0;

	if (__builtin_add_overflow(s->allocs, s->moved_in, &begun))
		return false;
	if (flags & CHECKPOINT_ONE_SIZE) {
		if (__builtin_mul_overflow(begun, key->size, &s->bytes))
			return false;
		live_bytes = live * key->size;
	} else {
		s->bytes = cursor_get(&c[CHECKPOINT_BYTES]);
		if (flags & CHECKPOINT_HAS_LIVE)
			live_bytes = cursor_get(&c[CHECKPOINT_LIVE_BYTES]);
	}
	if (s->moved_out > begun || live > begun - s->moved_out ||
	    live_bytes > s->bytes)
		return false;
	s->frees = begun - s->moved_out - live;
	s->freed_bytes = s->bytes - live_bytes;
	return s->temporary <= s->frees;
}

static bool get_peak(const struct model_site *key, struct cursor *c,
		     unsigned int flags, struct model_stats *s)
{
	if (flags & CHECKPOINT_NO_PEAK)
		return true;
	if (flags & CHECKPOINT_PEAK_IS_LIVE) {
		s->peak_blocks = model_live_blocks(s);
		s->peak_bytes = model_live_bytes(s);
		return true;
	}
	s->peak_blocks = cursor_get(&c[CHECKPOINT_PEAK]);
	if (flags & CHECKPOINT_ONE_SIZE)
		return !__builtin_mul_overflow(s->peak_blocks, key->size,
					       &s->peak_bytes);
	s->peak_bytes = cursor_get(&c[CHECKPOINT_PEAK_BYTES]);
	return s->peak_bytes <= s->bytes;
}

/* Fills `stats` when they can be. */
static bool get_site(struct cursor *c, unsigned int flags,
		     const struct model_site *key, struct model_stats *stats)
{
	struct model_stats s = { .allocs = 1 };
	uint64_t live = 0;

	if (!(flags & CHECKPOINT_ONCE))
		s.allocs = cursor_get(&c[CHECKPOINT_ALLOCS]);
	if (flags & CHECKPOINT_MOVED) {
		s.moved_in = cursor_get(&c[CHECKPOINT_MOVED_IN]);
		s.moved_out = cursor_get(&c[CHECKPOINT_MOVED_OUT]);
	}
	if (flags & CHECKPOINT_HAS_LIVE)
		live = cursor_get(&c[CHECKPOINT_LIVE]);
	if (flags & CHECKPOINT_HAS_TEMPORARY)
		s.temporary = cursor_get(&c[CHECKPOINT_TEMPORARY]);
	if (!get_bytes(key, c, live, flags, &s) || !get_peak(key, c, flags, &s))
		return false;
	*stats = s;
	return true;
}

/* A site of which the table says nothing, because that part was damaged. */
static bool skip_site(struct cursor *c, unsigned int flags)
{
	const struct model_site unknown = { 0 };
	struct model_stats stats;

	return get_site(c, flags, &unknown, &stats);
}

static bool get_sites(struct cursor *c, uint64_t count,
		      const struct checkpoint *at, struct checkpoint_sites *to)
{
	struct cursor *flags = &c[CHECKPOINT_FLAGS];
	uint64_t number = 0;

	for (uint64_t i = 0; i < count; i++, number++) {
		const struct model_site *key;

		if (__builtin_add_overflow(number,
					   cursor_get(&c[CHECKPOINT_SITES]),
					   &number) ||
		    !cursor_left(flags))
			return false;
		if (number >= to->count) {
			if (!skip_site(c, *flags->at++))
				return false;
			continue;
		}
		key = &to->sites[number];
		to->dead[number] = *flags->at & CHECKPOINT_DEAD;
		if (!get_site(c, *flags->at++, key, &to->stats[number]))
			return false;
		to->epochs[number] = at->total[key->kind].epoch;
	}
	for (size_t i = 0; i < CHECKPOINT_COLUMNS; i++)
		if (c[i].bad)
			return false;
	return true;
}

bool checkpoint_read(const uint8_t *payload, size_t size, struct checkpoint *at,
		     struct checkpoint_sites *to)
{
	struct cursor c[CHECKPOINT_COLUMNS];
	uint64_t count;

	*at = (struct checkpoint){ 0 };
	if (!cursors_open(c, CHECKPOINT_COLUMNS, payload, size))
		return false;
	count = cursor_get(&c[CHECKPOINT_HEAD]);
	checkpoint_get_state(&c[CHECKPOINT_HEAD], at);
	if (c[CHECKPOINT_HEAD].bad || count > cursor_left(&c[CHECKPOINT_FLAGS]))
		return false;
	return get_sites(c, count, at, to);
}
