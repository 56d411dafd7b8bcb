/*
 * column - a run of bytes that grows: the writing side of a payload.
 *
 * A payload is the number of its columns, their sizes, and their bytes one
 * behind the other; numbers are LEB128 varints. Readers skip columns behind
 * those they know. cursor.h reads what is written here.
 */
#ifndef MEMPROF_TRACE_COLUMN_H
#define MEMPROF_TRACE_COLUMN_H

#include <stddef.h>
#include <stdint.h>

struct column {
	uint8_t *bytes; /* owned */
	size_t size, capacity;
};

enum {
	COLUMN_VARINT_MAX = 10, /* bytes */
};

/* Makes room for `more` bytes. */
void column_reserve(struct column *c, size_t more);
void column_put_bytes(struct column *c, const void *p, size_t size);
/* Its length and its bytes. */
void column_put_string(struct column *c, const char *s);
void column_release(struct column *c);

/* Appends `n` columns to `out` as one payload. */
void columns_pack(const struct column *c, size_t n, struct column *out);
void columns_clear(struct column *c, size_t n);
void columns_release(struct column *c, size_t n);
size_t columns_size(const struct column *c, size_t n);

static inline void column_put(struct column *c, uint64_t value)
{
	uint8_t *p;

	if (c->capacity - c->size < COLUMN_VARINT_MAX)
		column_reserve(c, COLUMN_VARINT_MAX);
	p = c->bytes + c->size;
	while (value >= 0x80) {
		*p++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*p++ = (uint8_t)value;
	c->size = (size_t)(p - c->bytes);
}

/* Small for numbers near 0 on both sides. */
static inline uint64_t column_zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

#endif
