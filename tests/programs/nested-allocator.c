/*
 * An allocator for LD_PRELOAD whose functions are made of one another, by
 * calls that the program could have made: only malloc, memalign and free know
 * what they do.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 64 << 20 };

static _Alignas(4096) char room[ROOM];
static size_t used = 64;

void *memalign(size_t align, size_t size)
{
	size_t at = (used + align + 15) & -(align < 16 ? 16 : align);

	if (size > ROOM / 2 || at + size > ROOM) {
		errno = ENOMEM;
		return NULL;
	}
	used = at + size;
	memcpy(room + at - 8, &size, sizeof(size));
	return room + at;
}

void *malloc(size_t size)
{
	return memalign(16, size);
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t count, size_t size)
{
	void *p = malloc(count * size);

	return p ? memset(p, 0, count * size) : p;
}

void *realloc(void *old, size_t size)
{
	void *p = malloc(size);
	size_t had = 0;

	if (!old || !p)
		return p;
	memcpy(&had, (char *)old - 8, sizeof(had));
	memcpy(p, old, had < size ? had : size);
	free(old);
	return p;
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	*p = aligned_alloc(align, size);
	return *p ? 0 : ENOMEM;
}

void *valloc(size_t size)
{
	return memalign(4096, size);
}

void *pvalloc(size_t size)
{
	return valloc((size + 4095) & -4096UL);
}
