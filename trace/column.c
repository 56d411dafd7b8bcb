/*
 * column - see column.h.
 */
#include "trace/column.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void column_reserve(struct column *c, size_t more)
{
	c->bytes = xgrow(c->bytes, &c->capacity, c->size + more, 1);
}

void column_put_bytes(struct column *c, const void *p, size_t size)
{
	column_reserve(c, size);
	if (size)
		memcpy(c->bytes + c->size, p, size);
	c->size += size;
}

void column_put_string(struct column *c, const char *s)
{
	size_t size = strlen(s);

	column_put(c, size);
	column_put_bytes(c, s, size);
}

void column_release(struct column *c)
{
	free(c->bytes);
	*c = (struct column){ 0 };
}

void columns_pack(const struct column *c, size_t n, struct column *out)
{
	column_put(out, n);
	for (size_t i = 0; i < n; i++)
		column_put(out, c[i].size);
	for (size_t i = 0; i < n; i++)
		column_put_bytes(out, c[i].bytes, c[i].size);
}

void columns_clear(struct column *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		c[i].size = 0;
}

void columns_release(struct column *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		column_release(&c[i]);
}

size_t columns_size(const struct column *c, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += c[i].size;
	return sum;
}
