/* Has an allocator of its own, which gives out memory once. */
#include <stddef.h>

static char pool[1 << 20];
static size_t used;

void *malloc(size_t size);
void free(void *block);

void *malloc(size_t size)
{
	void *block = pool + used;

	used += (size + 15) / 16 * 16;
	return used < sizeof(pool) ? block : NULL;
}

void free(void *block)
{
	(void)block;
}

int main(void)
{
	for (int i = 0; i < 1000; i++)
		free(malloc(10));
	return 0;
}
