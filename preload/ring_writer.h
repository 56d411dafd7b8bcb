/*
 * ring_writer - the agent's side of the ring: append records to chunks.
 *
 * A record is written into reserved words and then committed, all or nothing:
 * what a dying thread left uncommitted does not exist.
 */
#ifndef MEMPROF_PRELOAD_RING_WRITER_H
#define MEMPROF_PRELOAD_RING_WRITER_H

#include "preload/agent.h"

enum {
	AHEAD = 64, /* words to fetch ahead of writing */
};

/*
 * Take a first or a further chunk. False when the ring stays full; the loss is
 * then counted by the caller. `words` is what must fit.
 */
bool ring_writer_next_chunk(struct thread *t);

/* Words to write a record to, or NULL when it is lost (and counted). */
static inline uint64_t *ring_writer_reserve(struct thread *t, size_t words)
{
	if ((size_t)(t->end - t->pos) >= words)
		return t->pos;
	if (!ring_writer_next_chunk(t)) {
		atomic_fetch_add_explicit(&t->slot->lost, 1,
					  memory_order_relaxed);
		return NULL;
	}
	return t->pos;
}

static inline void ring_writer_commit(struct thread *t, uint64_t *end)
{
	t->pos = end;
	/*
	 * The collector's core has the lines to come, as it read them last;
	 * to ask for them early takes half off what a record costs.
	 */
	processor_will_write(end + AHEAD);
	/* Release: the collector that sees the length sees the words. */
	atomic_store_explicit(&t->chunk->used,
			      (uint32_t)((char *)end - (char *)t->chunk->words),
			      memory_order_release);
}

#endif
