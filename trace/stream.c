/*
 * stream - see stream.h.
 */
#include "trace/stream.h"

#include <stddef.h>

enum {
	CHUNK_WORDS = (RING_CHUNK_SIZE - 16) / 8,
	KINDS = 16,
};

/* Words of a record before its stamp; 0: no such record. */
static const uint8_t fixed_words[KINDS] = {
	[RING_ALLOC] = 2,
	[RING_FREE] = 1,
	[RING_REALLOC] = 1,
	[RING_REALLOCATED] = 2,
	[RING_NOT_REALLOCATED] = 1,
	[RING_MAP] = 2,
	[RING_UNMAP] = 2,
	[RING_STACK] = 1,
	[RING_CLOCK] = 1,
	[RING_MODULE] = 1,
	[RING_MODULE_GONE] = 1,
	[RING_NAME] = 1,
	[RING_NOTE] = 1,
};

static void read_used(struct stream *s)
{
	/* Acquire: the words up to there are whole. */
	uint32_t used =
		atomic_load_explicit(&s->chunk->used, memory_order_acquire) / 8;

	if (used > CHUNK_WORDS)
		used = CHUNK_WORDS;
	if (used > s->end)
		s->end = used;
}

void stream_start(struct stream *s, const struct pool *p, ring_ref first,
		  uint64_t stamp)
{
	*s = (struct stream){ .chunk = pool_chunk(p, first),
			      .ref = first,
			      .stamp = stamp };
}

/* Goes on to the next chunk when this one is read. */
static bool move_on(struct stream *s, struct pool *p)
{
	ring_ref next, read = s->ref;

	/* Acquire: what was written before the link is seen. */
	next = atomic_load_explicit(&s->chunk->next, memory_order_acquire);
	if (!next)
		return false;
	read_used(s);
	if (s->at < s->end)
		return true;
	s->chunk = next == read ? NULL : pool_chunk(p, next);
	s->ref = next;
	s->at = s->end = 0;
	pool_give_chunk(p, read);
	pool_unqueue(p);
	if (!s->chunk) {
		s->broken = true;
		return false;
	}
	read_used(s);
	return s->at < s->end;
}

bool stream_look(struct stream *s, struct pool *p)
{
	if (!s->chunk)
		return false;
	read_used(s);
	return s->at < s->end || move_on(s, p);
}

bool stream_peek(struct stream *s, struct pool *p, struct stream_record *r)
{
	const uint64_t *w;
	uint32_t fixed;

	if (!s->chunk || s->broken || (s->at >= s->end && !move_on(s, p)))
		return false;
	w = &s->chunk->words[s->at];
	r->first = stream_word(w);
	fixed = fixed_words[r->first % KINDS];
	r->count = (r->first >> RING_COUNT_SHIFT) & RING_COUNT_MAX;
	r->stamped = r->first & RING_STAMPED;
	r->size = fixed + r->stamped + r->count;
	if (!fixed || r->size > s->end - s->at) {
		s->broken = true;
		return false;
	}
	r->words = w + 1;
	r->more = w + fixed + r->stamped;
	r->stamp = r->stamped ? stream_word(w + fixed) : s->stamp;
	return true;
}

void stream_skip(struct stream *s, struct pool *p)
{
	for (int i = 0; s->chunk && i < RING_CHUNKS; i++) {
		read_used(s);
		s->at = s->end;
		if (!move_on(s, p))
			break;
	}
}

void stream_end(struct stream *s, struct pool *p)
{
	if (s->chunk)
		pool_give_chunk(p, s->ref);
	s->chunk = NULL;
}
