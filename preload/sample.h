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
 * allocated and a look at one byte of a small filter when it is freed.
 */
#ifndef MEMPROF_PRELOAD_SAMPLE_H
#define MEMPROF_PRELOAD_SAMPLE_H

#include "preload/record.h"

/* An empty table of blocks that were recorded. False: no memory. */
bool sample_start(void);

/* The countdown has run out; or has not begun yet. */
bool sample_hit(size_t size);

enum {
	SAMPLE_FILTER_BITS = 15, /* 32 KiB: stays in the first cache */
};

/* How many recorded blocks have each hash. */
struct sample_filter {
	_Atomic uint8_t blocks[1 << SAMPLE_FILTER_BITS];
};

extern struct sample_filter *sample_filter;

static inline uint64_t sample_hash(const void *p)
{
	return (uintptr_t)p * 0x9e3779b97f4a7c15ULL;
}

/* Remember, and forget, that a block is recorded. False: it is (was) not. */
bool sample_add(const void *p);
bool sample_remove_slowly(const void *p);

/*
 * Of a thousand blocks that are freed perhaps one is recorded: what all of them
 * pay is a look at the filter. Relaxed: who frees the block got it from who
 * allocated it, and sees what that one has counted.
 */
static inline bool sample_remove(const void *p)
{
	uint64_t place = sample_hash(p) >> (64 - SAMPLE_FILTER_BITS);

	if (__builtin_expect(
		    !atomic_load_explicit(&sample_filter->blocks[place],
					  memory_order_relaxed),
		    1))
		return false;
	return sample_remove_slowly(p);
}

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
