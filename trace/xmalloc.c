/*
 * xmalloc - see xmalloc.h.
 */
#include "trace/xmalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/pages.h"

enum {
	STATUS_FAILED = 3,
};

_Noreturn void xmalloc_failed(void)
{
	fputs("memprof: out of memory\n", stderr);
	exit(STATUS_FAILED);
}

static void *check(void *p)
{
	if (!p)
		xmalloc_failed();
	return p;
}

void *xmalloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return check(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return check(realloc(p, size ? size : 1));
}

void *xreallocarray(void *p, size_t count, size_t size)
{
	return check(reallocarray(p, count ? count : 1, size));
}

char *xmemdup(const void *p, size_t size)
{
	char *copy = xmalloc(size + 1);

	if (size)
		memcpy(copy, p, size);
	copy[size] = '\0';
	return copy;
}

char *xstrdup(const char *s)
{
	return xmemdup(s, strlen(s));
}

void *xgrow(void *array, size_t *capacity, size_t need, size_t size)
{
	size_t wanted = *capacity * 2 > 16 ? *capacity * 2 : 16;

	if (need <= *capacity)
		return array;
	if (wanted < need)
		wanted = need;
	*capacity = wanted;
	array = xreallocarray(array, wanted, size);
	pages_are_large(array, wanted * size);
	return array;
}
