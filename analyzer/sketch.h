/*
 * sketch - the smallest, the median and the largest of many numbers.
 *
 * Numbers are counted by magnitude, in sixteen steps to a doubling, so the
 * median is right to 3 %; the other two are exact. Only steps that occur take
 * room.
 */
#ifndef MEMPROF_ANALYZER_SKETCH_H
#define MEMPROF_ANALYZER_SKETCH_H

#include <stddef.h>
#include <stdint.h>

struct sketch_step {
	uint64_t count;
	uint32_t number;
};

struct sketch {
	struct sketch_step *steps; /* by number; owned */
	uint32_t count, capacity; /* of steps */
	uint64_t values, min, max;
};

/* All zero is empty. */
void sketch_release(struct sketch *s);
void sketch_add(struct sketch *s, uint64_t value);
void sketch_merge(struct sketch *s, const struct sketch *other);
/* 0 when empty. */
uint64_t sketch_median(const struct sketch *s);

#endif
