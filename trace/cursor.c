/*
 * cursor - see cursor.h.
 */
#include "trace/cursor.h"

#include "trace/xmalloc.h"

enum {
	COLUMNS_MAX = 64, /* a payload with more lies */
};

static bool take(struct cursor *all, struct cursor *c, uint64_t size)
{
	c->at = cursor_bytes(all, size);
	c->end = c->at ? c->at + size : NULL;
	c->bad = !c->at;
	return c->at;
}

bool cursors_open(struct cursor *c, size_t n, const uint8_t *payload,
		  size_t size)
{
	struct cursor all = { .at = payload, .end = payload + size };
	uint64_t sizes[COLUMNS_MAX];
	uint64_t columns = cursor_get(&all);

	if (all.bad || columns < n || columns > COLUMNS_MAX)
		return false;
	for (size_t i = 0; i < columns; i++)
		sizes[i] = cursor_get(&all);
	if (all.bad)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!take(&all, &c[i], sizes[i]))
			return false;
	return true;
}

const uint8_t *cursor_bytes(struct cursor *c, uint64_t size)
{
	const uint8_t *bytes = c->at;

	if (c->bad || size > cursor_left(c)) {
		c->bad = true;
		c->at = c->end;
		return NULL;
	}
	c->at += size;
	return bytes;
}

char *cursor_string(struct cursor *c)
{
	uint64_t size = cursor_get(c);
	const uint8_t *bytes = cursor_bytes(c, size);

	return bytes ? xmemdup(bytes, size) : NULL;
}

uint64_t cursor_get_long(struct cursor *c)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (c->at >= c->end)
			break;
		byte = *c->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	c->bad = true;
	c->at = c->end;
	return 0;
}
