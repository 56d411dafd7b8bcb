/* Has an allocator of its own, from which it takes 1,000 blocks. */
#include <stddef.h>
#include <string.h>

static _Alignas(16) char arena[1 << 20];
static size_t used;
void *volatile sink;

void *malloc(size_t size)
{
	char *block = arena + used;

	used += (size + 31) & ~(size_t)15;
	return used > sizeof(arena) ? NULL : block;
}

void free(void *block)
{
	(void)block;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size);
}

void *realloc(void *block, size_t size)
{
	void *to = malloc(size);

	return block && to ? memcpy(to, block, size) : to;
}

int main(void)
{
	for (int i = 0; i < 1000; i++)
		sink = malloc(20);
	return sink ? 11 : 1;
}
