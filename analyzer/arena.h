/*
 * arena - memory that is given back all at once.
 *
 * A profile owns one; everything that a query returns lives there until the
 * profile is closed. Running out of memory ends the process with a message:
 * outside the agent that is not an error path.
 */
#ifndef MEMPROF_ANALYZER_ARENA_H
#define MEMPROF_ANALYZER_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	size_t used, size; /* bytes of the newest chunk */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);

/* `count` objects of `size` bytes, zeroed and aligned for any type. */
void *arena_alloc(struct arena *a, size_t count, size_t size);

/* A copy of `length` bytes, and a zero behind them. */
char *arena_text(struct arena *a, const char *text, size_t length);

#endif
