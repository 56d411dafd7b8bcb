/*
 * Design
 * ------
 * Chunks are a list, newest first, and only the newest is filled. What is
 * larger than a chunk gets one of its own behind the newest, so that the room
 * left there is not lost.
 */
#include "analyzer/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	CHUNK_SIZE = 64 << 10,
	ALIGN = 16,
};

struct arena_chunk {
	struct arena_chunk *next;
	_Alignas(ALIGN) char bytes[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

void arena_release(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	arena_init(a);
}

static struct arena_chunk *new_chunk(size_t size)
{
	return xcalloc(1, sizeof(struct arena_chunk) + size);
}

static void *alloc_alone(struct arena *a, size_t size)
{
	struct arena_chunk *c = new_chunk(size);

	if (a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
		return c->bytes;
	}
	a->chunks = c;
	a->used = a->size = size;
	return c->bytes;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	struct arena_chunk *c;
	size_t bytes;
	void *result;

	/* Too much to ask for is left to xcalloc() to refuse. */
	if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
		bytes = PTRDIFF_MAX;
	bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (bytes > CHUNK_SIZE / 4)
		return alloc_alone(a, bytes);
	if (a->size - a->used < bytes) {
		c = new_chunk(CHUNK_SIZE);
		c->next = a->chunks;
		a->chunks = c;
		a->size = CHUNK_SIZE;
		a->used = 0;
	}
	result = a->chunks->bytes + a->used;
	a->used += bytes;
	return result;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
	char *copy = arena_alloc(a, length + 1, 1);
	memcpy(copy, text, length);
	return copy;
}
