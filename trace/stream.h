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
	uint64_t taken; /* bytes, ever */
	bool broken;
};

/* A record; `words` still lie in the ring. */
struct stream_record {
	uint64_t first; /* its first word */
	const uint64_t *words; /* fixed ones behind the first */
	const uint64_t *more; /* frames or payload */
	uint32_t count; /* of `more` */
	uint32_t size; /* words in all */
	uint64_t stamp; /* its own, or that of the one before */
	bool stamped; /* its own */
};

void stream_start(struct stream *s, const struct pool *p, ring_ref first,
		  uint64_t stamp);
/* Learns what has been committed since. False when there is nothing. */
bool stream_look(struct stream *s, struct pool *p);
/*
 * The next record without taking it, or false; moves on to the next chunk and
 * gives the one that was read back.
 */
bool stream_peek(struct stream *s, struct pool *p, struct stream_record *r);
/* Reads on, without a look at what it is. */
void stream_skip(struct stream *s, struct pool *p);
/* Gives back the chunk that the thread has left. */
void stream_end(struct stream *s, struct pool *p);

static inline void stream_take(struct stream *s, const struct stream_record *r)
{
	s->at += r->size;
	s->stamp = r->stamp;
	s->taken += r->size * 8;
}

/* The one read of a word that others may write. */
static inline uint64_t stream_word(const uint64_t *w)
{
	return __atomic_load_n(w, __ATOMIC_RELAXED);
}

#endif
