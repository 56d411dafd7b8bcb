/*
 * merge - the records of all threads, one after the other in order of stamps.
 *
 * A heap of threads by the stamp of their next record. Takes from the first
 * until the second has an earlier one, so that where one thread runs alone, or
 * runs on for a while, a record costs no more than a comparison.
 *
 * A thread leaves when it has no record, or none that is early enough: each
 * process has a stamp up to which its records are known to be all there. Of
 * two processes neither waits for the other.
 */
#ifndef MEMPROF_TRACE_MERGE_H
#define MEMPROF_TRACE_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/book.h"
#include "trace/clock.h"
#include "trace/pool.h"
#include "trace/thread.h"

struct merge {
	struct thread **heap; /* owned array of borrowed threads */
	size_t count, capacity;
	uint64_t now; /* no stamp can be later */
	uint64_t floor; /* when the pass before began */
	uint64_t tick; /* stamp at which to tell the book the time */
};

void merge_release(struct merge *m);
/* Begins a pass. */
void merge_start(struct merge *m, uint64_t now);
/* A thread that may have records. */
void merge_add(struct merge *m, struct thread *t, struct pool *pool);
/*
 * Gives records to the book until none is left, or `most` bytes are taken.
 * Gives the bytes.
 */
uint64_t merge_run(struct merge *m, struct book *b, struct pool *pool,
		   const struct clock *clock, uint64_t most);

#endif
