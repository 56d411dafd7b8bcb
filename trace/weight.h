/*
 * weight - how many blocks a sampled block stands for.
 *
 * `memprof run --sample N` records a block of s bytes with the probability
 * 1 - exp(-s/N) (preload/sample.h); the inverse makes sums of what was
 * recorded unbiased estimates of what was allocated. The variance of such a
 * sum of n equal blocks is n (1 - p) / p^2 (Horvitz and Thompson, 1952).
 */
#ifndef MEMPROF_TRACE_WEIGHT_H
#define MEMPROF_TRACE_WEIGHT_H

#include <math.h>
#include <stdint.h>

/* `sample` in bytes, not 0. An empty block counts as one of one byte. */
static inline double weight_of(uint64_t size, uint64_t sample)
{
	return -1 / expm1(-(double)(size ? size : 1) / (double)sample);
}

/* Of the estimated number, for each block recorded. */
static inline double weight_variance(uint64_t size, uint64_t sample)
{
	double weight = weight_of(size, sample);

	return weight * (weight - 1);
}

#endif
