/*
 * sample - record some blocks only, chosen by their bytes.
 *
 * With `memprof run --sample N` every byte that the program allocates is hit
 * with the same small chance, one in N on average, and a block that was hit is
 * recorded whole. A block of s bytes is so recorded with probability
 * 1 - exp(-s/N): large blocks nearly always, small ones in proportion to their
 * size; who reads the trace weights each by the inverse (a Poisson sample with
 * unbiased estimates; Horvitz and Thompson, 1952).
 *
 * The cost of a block that is not recorded is a subtraction when it is
 * allocated and a look at one cache line when it is freed.
 */
#ifndef MEMPROF_PRELOAD_SAMPLE_H
#define MEMPROF_PRELOAD_SAMPLE_H

#include "preload/record.h"

/* Map the table of blocks that were recorded. False: no memory. */
bool sample_start(void);

/* The countdown has run out; or has not begun yet. */
bool sample_hit(size_t size);

/* Remember, and forget, that a block is recorded. False: it is (was) not. */
bool sample_add(const void *p);
bool sample_remove(const void *p);

/* Is this new block to be recorded? */
static inline bool sample_takes(const void *p, size_t size)
{
	/* An empty block counts as one byte, or it would never be seen. */
	guard.countdown -= (int64_t)(size ? size : 1);
	if (__builtin_expect(guard.countdown > 0, 1))
		return false;
	return sample_hit(size) && sample_add(p);
}

#endif
