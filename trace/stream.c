/*
 * stream - see stream.h.
 */
#include "trace/stream.h"

#include <stddef.h>

enum {
	CHUNK_WORDS = (RING_CHUNK_SIZE - 16) / 8,
};

#define NO_SUCH_KIND (CHUNK_WORDS + 1)
#define WORDS(kind, n) [kind] = (n), [(kind) + RING_STAMPED] = (n) + 1

const uint16_t stream_fixed[32] = {
	[0] = NO_SUCH_KIND,
	[RING_STAMPED] = NO_SUCH_KIND,
	WORDS(RING_ALLOC, 2),
	WORDS(RING_FREE, 1),
	WORDS(RING_REALLOC, 1),
	WORDS(RING_REALLOCATED, 2),
	WORDS(RING_NOT_REALLOCATED, 1),
	WORDS(RING_MAP, 2),
	WORDS(RING_UNMAP, 2),
	WORDS(RING_STACK, 1),
	WORDS(RING_CLOCK, 1),
	WORDS(RING_MODULE, 1),
	WORDS(RING_MODULE_GONE, 1),
	WORDS(RING_NAME, 1),
	WORDS(RING_NOTE, 1),
	WORDS(RING_OBJECT, 2),
	WORDS(RING_OBJECT_MOVED, 2),
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

bool stream_more(struct stream *s, struct pool *p)
{
	ring_ref next, read = s->ref;

	if (!s->chunk)
		return false;
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
	return s->at < s->end || stream_more(s, p);
}

void stream_skip(struct stream *s, struct pool *p)
{
	for (int i = 0; s->chunk && i < RING_CHUNKS; i++) {
		read_used(s);
		s->at = s->end;
		if (!stream_more(s, p))
			break;
	}
}

void stream_end(struct stream *s, struct pool *p)
{
	if (s->chunk)
		pool_give_chunk(p, s->ref);
	s->chunk = NULL;
}
