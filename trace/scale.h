/*
 * scale - a number as its magnitude, and the bits that this leaves open.
 *
 * For numbers that are small mostly, large at times, and then often near the
 * one before, such as the rank of a block that ends: what is freed together was
 * allocated together. Magnitudes repeat and compress, while the bits below them
 * are noise that a varint would mix in. Bits of each width have a column of
 * their own, so what is noise takes as many bits as it has: random ranks among
 * 1,024 take 10.0, where one column for all widths took 10.7.
 *
 * A class is a byte: the number itself below 64; 64 + 28 + d where the number
 * is d more than the one before, d from -28 to 27; else 120 + 4 (n - 6) + the
 * two bits behind the first, where n is the place of its highest bit. The bits
 * that are left follow: the highest 8 (or all, when fewer) as a byte in the
 * column for so many, the next 8 (or all) likewise, then the rest, 8 bits a
 * byte, lowest first. Numbers have up to 40 bits.
 */
#ifndef MEMPROF_TRACE_SCALE_H
#define MEMPROF_TRACE_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/cursor.h"

enum scale_column {
	SCALE_CLASSES,
	SCALE_HIGH, /* of 1 to 8 bits */
	SCALE_LOW = SCALE_HIGH + 8, /* of 1 to 8 bits */
	SCALE_REST = SCALE_LOW + 8,
	SCALE_COLUMNS,
};

enum {
	SCALE_SMALL = 64, /* below, a number is its own class */
	SCALE_SMALL_BITS = 6,
	SCALE_NEAR = 28,
	SCALE_LARGE = SCALE_SMALL + 2 * SCALE_NEAR, /* the first such class */
	SCALE_NUMBER_BITS = 40,
};

_Static_assert(SCALE_LARGE + 4 * (SCALE_NUMBER_BITS - SCALE_SMALL_BITS) == 256,
	       "a class is a byte");

static inline void scale_put_byte(struct column *c, uint64_t byte)
{
	if (c->size == c->capacity)
		column_reserve(c, 1);
	c->bytes[c->size++] = (uint8_t)byte;
}

/* The lowest `bits` of `value`. */
static inline void scale_put_bits(struct column *c, uint64_t value,
				  unsigned int bits)
{
	unsigned int low = bits > 8 ? bits - 8 : 0;

	value &= (1ULL << bits) - 1;
	scale_put_byte(&c[SCALE_HIGH - 1 + bits - low], value >> low);
	if (!low)
		return;
	bits = low;
	low = bits > 8 ? bits - 8 : 0;
	value &= (1ULL << bits) - 1;
	scale_put_byte(&c[SCALE_LOW - 1 + bits - low], value >> low);
	value &= (1ULL << low) - 1;
	for (unsigned int shift = 0; shift < low; shift += 8)
		scale_put_byte(&c[SCALE_REST], value >> shift);
}

/* `last` is the number before, and becomes this. Larger ones count as the
 * largest. */
static inline void scale_put(struct column *c, uint64_t value, uint64_t *last)
{
	uint64_t distance = value - *last + SCALE_NEAR;
	unsigned int high;

	if (value >> SCALE_NUMBER_BITS)
		value = (1ULL << SCALE_NUMBER_BITS) - 1;
	*last = value;
	if (value < SCALE_SMALL) {
		scale_put_byte(&c[SCALE_CLASSES], value);
		return;
	}
	if (distance < 2 * SCALE_NEAR) {
		scale_put_byte(&c[SCALE_CLASSES], SCALE_SMALL + distance);
		return;
	}
	high = 63 - (unsigned int)__builtin_clzll(value);
	scale_put_byte(&c[SCALE_CLASSES],
		       SCALE_LARGE + 4 * (high - SCALE_SMALL_BITS) +
			       (value >> (high - 2) & 3));
	scale_put_bits(c, value, high - 2);
}

static inline uint64_t scale_get_byte(struct cursor *c)
{
	if (c->at < c->end)
		return *c->at++;
	c->bad = true;
	return 0;
}

static inline uint64_t scale_get_bits(struct cursor *c, unsigned int bits)
{
	unsigned int low = bits > 8 ? bits - 8 : 0;
	uint64_t value = scale_get_byte(&c[SCALE_HIGH - 1 + bits - low]);
	uint64_t rest = 0;

	if (low) {
		bits = low;
		low = bits > 8 ? bits - 8 : 0;
		value = value << (bits - low) |
			scale_get_byte(&c[SCALE_LOW - 1 + bits - low]);
	}
	for (unsigned int shift = 0; shift < low; shift += 8)
		rest |= scale_get_byte(&c[SCALE_REST]) << shift;
	return value << low | rest;
}

/* A number that can not be when the columns lie, or one of them is `bad`. */
static inline uint64_t scale_get(struct cursor *c, uint64_t *last)
{
	uint64_t class = scale_get_byte(&c[SCALE_CLASSES]);
	unsigned int open;

	if (class < SCALE_SMALL)
		*last = class;
	else if (class < SCALE_LARGE)
		*last += class - SCALE_SMALL - SCALE_NEAR;
	else {
		open = (unsigned int)(class - SCALE_LARGE) / 4 +
		       SCALE_SMALL_BITS - 2;
		*last = (4 | class % 4) << open | scale_get_bits(c, open);
	}
	return *last;
}

static inline bool scale_is_bad(const struct cursor *c)
{
	for (unsigned int i = 0; i < SCALE_COLUMNS; i++)
		if (c[i].bad)
			return true;
	return false;
}

#endif
