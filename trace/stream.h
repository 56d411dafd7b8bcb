/*
 * stream - the records of one thread, in order, out of its chain of chunks.
 *
 * What the ring holds may change at any moment and mean anything: a word is
 * read once, and lengths are checked against what was committed. A record that
 * can not be breaks the stream: the rest of it is given back unread.
 */
#ifndef MEMPROF_TRACE_STREAM_H
#define MEMPROF_TRACE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/pool.h"

struct stream {
	const struct ring_chunk *chunk; /* NULL: nothing to read */
	ring_ref ref; /* of it */
	uint32_t at, end; /* words read, words committed */
	uint64_t stamp; /* of the record read last */
	uint64_t taken; /* words, ever */
	bool broken;
};

/* A record that still lies in the ring; its first word has been read. */
struct stream_record {
	const uint64_t *words;
	uint64_t first;
	uint64_t stamp; /* its own, or that of the one before */
	uint32_t size; /* words */
};

void stream_start(struct stream *s, const struct pool *p, ring_ref first,
		  uint64_t stamp);
/* Learns what has been committed since. False when there is nothing. */
bool stream_look(struct stream *s, struct pool *p);
/* Goes on to the next chunk, and gives the one that was read back. */
bool stream_more(struct stream *s, struct pool *p);
/* Reads on, without a look at what it is. */
void stream_skip(struct stream *s, struct pool *p);
/* Gives back the chunk that the thread has left. */
void stream_end(struct stream *s, struct pool *p);

/* The one read of a word that others may write. */
static inline uint64_t stream_word(const uint64_t *w)
{
	return __atomic_load_n(w, __ATOMIC_RELAXED);
}

/*
 * Words of a record besides those it counts, by the low five bits of its
 * first: kind, and whether there is a stamp. Too many where there is no such
 * kind.
 */
extern const uint16_t stream_fixed[32];

static inline uint32_t stream_count(const struct stream_record *r)
{
	return (r->first >> RING_COUNT_SHIFT) & RING_COUNT_MAX;
}

/* Frames or payload. */
static inline const uint64_t *stream_rest(const struct stream_record *r)
{
	return r->words + r->size - stream_count(r);
}

static inline bool stream_is_stamped(const struct stream_record *r)
{
	return r->first & RING_STAMPED;
}

/* The next record without taking it, or false. */
static inline bool stream_peek(struct stream *s, struct pool *p,
			       struct stream_record *r)
{
	uint32_t fixed;

	if (s->at == s->end && !stream_more(s, p))
		return false;
	r->words = &s->chunk->words[s->at];
	r->first = stream_word(r->words);
	fixed = stream_fixed[r->first % 32];
	r->size = fixed + stream_count(r);
	if (r->size > s->end - s->at) {
		s->broken = true;
		return false;
	}
	r->stamp = stream_is_stamped(r) ? stream_word(&r->words[fixed - 1])
					: s->stamp;
	return true;
}

static inline void stream_take(struct stream *s, const struct stream_record *r)
{
	s->at += r->size;
	s->stamp = r->stamp;
	s->taken += r->size;
}

#endif
