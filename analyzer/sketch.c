/*
 * sketch - see sketch.h.
 */
#include "analyzer/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	STEP_BITS = 4, /* steps to a doubling, as a power of two */
	SMALL = 1 << (STEP_BITS + 1), /* below, each number is a step */
};

static uint32_t step_of(uint64_t value)
{
	unsigned int shift;

	if (value < SMALL)
		return (uint32_t)value;
	shift = 63 - STEP_BITS - (unsigned int)__builtin_clzll(value);
	return (shift << STEP_BITS) + (uint32_t)(value >> shift);
}

/* The number in the middle of a step. */
static uint64_t middle_of(uint32_t step)
{
	unsigned int shift;
	uint64_t first;

	if (step < SMALL)
		return step;
	shift = (step >> STEP_BITS) - 1;
	first = (uint64_t)(step - (shift << STEP_BITS)) << shift;
	return first + ((1ULL << shift) - 1) / 2;
}

void sketch_release(struct sketch *s)
{
	free(s->steps);
	*s = (struct sketch){ 0 };
}

/* Where the step stands or would stand. */
static uint32_t find(const struct sketch *s, uint32_t number)
{
	uint32_t low = 0, high = s->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (s->steps[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_step(struct sketch *s, uint32_t number, uint64_t count)
{
	uint32_t at = find(s, number);

	if (at < s->count && s->steps[at].number == number) {
		s->steps[at].count += count;
		return;
	}
	if (s->count == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 2;
		s->steps =
			xreallocarray(s->steps, s->capacity, sizeof(*s->steps));
	}
	memmove(&s->steps[at + 1], &s->steps[at],
		(s->count - at) * sizeof(*s->steps));
	s->steps[at] = (struct sketch_step){ .count = count, .number = number };
	s->count++;
}

static void widen(struct sketch *s, uint64_t min, uint64_t max)
{
	if (!s->values || min < s->min)
		s->min = min;
	if (!s->values || max > s->max)
		s->max = max;
}

void sketch_add(struct sketch *s, uint64_t value)
{
	widen(s, value, value);
	s->values++;
	add_step(s, step_of(value), 1);
}

void sketch_merge(struct sketch *s, const struct sketch *other)
{
	if (!other->values)
		return;
	widen(s, other->min, other->max);
	s->values += other->values;
	for (uint32_t i = 0; i < other->count; i++)
		add_step(s, other->steps[i].number, other->steps[i].count);
}

uint64_t sketch_median(const struct sketch *s)
{
	uint64_t left = s->values / 2, value;

	for (uint32_t i = 0; i < s->count; i++) {
		if (left >= s->steps[i].count) {
			left -= s->steps[i].count;
			continue;
		}
		value = middle_of(s->steps[i].number);
		if (value < s->min)
			return s->min;
		return value > s->max ? s->max : value;
	}
	return 0;
}
