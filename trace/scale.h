/*
 * scale - a number as its magnitude, and the bits that this leaves open.
 *
 * For numbers that are small mostly and large at times, such as the age of a
 * block: magnitudes repeat and compress, while the bits below them are noise
 * that a varint would mix in. Against varints this takes 15 % off the ages of
 * cc1plus, and half off those of sqlite3.
 *
 * Three columns: a byte that is the number itself up to 127 and else says
 * 128 + 4 (n - 7) + the two bits behind the first, where n is the place of
 * its highest bit; a byte with the next 8 bits, or what is left of them; and
 * the rest, 8 bits a byte, lowest first. Numbers have up to 38 bits.
 */
#ifndef MEMPROF_TRACE_SCALE_H
#define MEMPROF_TRACE_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/cursor.h"

enum scale_column {
	SCALE_CLASSES,
	SCALE_BITS,
	SCALE_REST,
	SCALE_COLUMNS,
};

enum {
	SCALE_SMALL = 128, /* below, a number is its own class */
	SCALE_SMALL_BITS = 7,
	SCALE_NUMBER_BITS = 38,
};

static inline void scale_put_byte(struct column *c, uint64_t byte)
{
	if (c->size == c->capacity)
		column_reserve(c, 1);
	c->bytes[c->size++] = (uint8_t)byte;
}

/* Larger numbers count as the largest. */
static inline void scale_put(struct column *c, uint64_t value)
{
	unsigned int high, open;

	if (value < SCALE_SMALL) {
		scale_put_byte(&c[SCALE_CLASSES], value);
		return;
	}
	if (value >> SCALE_NUMBER_BITS)
		value = (1ULL << SCALE_NUMBER_BITS) - 1;
	high = 63 - (unsigned int)__builtin_clzll(value);
	open = high - 2;
	scale_put_byte(&c[SCALE_CLASSES],
		       SCALE_SMALL + 4 * (high - SCALE_SMALL_BITS) +
			       (value >> open & 3));
	if (open <= 8) {
		scale_put_byte(&c[SCALE_BITS], value & ((1U << open) - 1));
		return;
	}
	scale_put_byte(&c[SCALE_BITS], value >> (open - 8));
	for (unsigned int shift = 0; shift < open - 8; shift += 8) {
		uint64_t rest = value & ((1ULL << (open - 8)) - 1);

		scale_put_byte(&c[SCALE_REST], rest >> shift);
	}
}

static inline uint64_t scale_get_byte(struct cursor *c)
{
	if (c->at < c->end)
		return *c->at++;
	c->bad = true;
	return 0;
}

/* Sets `bad` of one of the columns when they lie. */
static inline uint64_t scale_get(struct cursor *c)
{
	uint64_t class = scale_get_byte(&c[SCALE_CLASSES]);
	uint64_t rest = 0, bits;
	unsigned int open;

	if (class < SCALE_SMALL)
		return class;
	open = (unsigned int)(class - SCALE_SMALL) / 4 + SCALE_SMALL_BITS - 2;
	bits = scale_get_byte(&c[SCALE_BITS]);
	if (open <= 8)
		return (4 | class % 4) << open | (bits & ((1U << open) - 1));
	for (unsigned int shift = 0; shift < open - 8; shift += 8)
		rest |= scale_get_byte(&c[SCALE_REST]) << shift;
	rest &= (1ULL << (open - 8)) - 1;
	return (4 | class % 4) << open | bits << (open - 8) | rest;
}

static inline bool scale_is_bad(const struct cursor *c)
{
	return c[SCALE_CLASSES].bad || c[SCALE_BITS].bad || c[SCALE_REST].bad;
}

#endif
