/*
 * cursor - read a column that somebody else wrote.
 *
 * Reading past the end gives 0 and sets `bad`, so that a loop may read a whole
 * entry and ask once; every number is then checked by who knows its meaning.
 */
#ifndef MEMPROF_TRACE_CURSOR_H
#define MEMPROF_TRACE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at, *end; /* borrowed */
	bool bad;
};

/* Finds the first `n` columns of a payload. False when it lies. */
bool cursors_open(struct cursor *c, size_t n, const uint8_t *payload,
		  size_t size);

/* The next `size` bytes, borrowed, or NULL. */
const uint8_t *cursor_bytes(struct cursor *c, uint64_t size);
/* A string as column_put_string() writes it; caller frees, NULL when bad. */
char *cursor_string(struct cursor *c);
uint64_t cursor_get_long(struct cursor *c);

static inline uint64_t cursor_get(struct cursor *c)
{
	if (c->at < c->end && *c->at < 0x80)
		return *c->at++;
	return cursor_get_long(c);
}

static inline int64_t cursor_unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

#endif
