/*
 * pool - the collector's side of the ring: make it, and give back.
 *
 * Only the collector gives chunks and slots back, agents only take them; the
 * tags in ring.h's pools are for that.
 */
#ifndef MEMPROF_TRACE_POOL_H
#define MEMPROF_TRACE_POOL_H

#include <stdint.h>

#include "trace/err.h"
#include "trace/ring.h"

struct pool {
	struct ring *ring; /* mapped, owned */
	int fd; /* memfd, owned */
	uint64_t nonce;
};

/*
 * What the ring is to be. An `fd` above 0 is a memfd to lay it out in, borrowed:
 * a program that is attached to makes it, since none can be given one.
 */
struct pool_options {
	uint32_t flags; /* enum ring_flags */
	uint32_t verify;
	uint64_t sample;
	int fd;
};

int pool_create(struct pool *p, const struct pool_options *o, struct err *err);
void pool_destroy(struct pool *p);

/* The chunk, or NULL when there is no such one. */
struct ring_chunk *pool_chunk(const struct pool *p, ring_ref ref);
/* All of the chunk has been read and its writer has left it. */
void pool_give_chunk(struct pool *p, ring_ref ref);
/* One chunk less waits to be read. */
void pool_unqueue(struct pool *p);
/* Wake the threads that wait for chunks, when enough have been given back. */
void pool_make_room(struct pool *p);
/* The thread has ended and all of its records have been read. */
void pool_give_thread(struct pool *p, uint32_t slot);
/* The process has ended and all of its threads have been given back. */
void pool_give_process(struct pool *p, uint32_t slot);

#endif
