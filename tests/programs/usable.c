/*
 * Prints malloc_usable_size() of blocks from every function and checks that
 * all of it may be written: nothing of it may differ under a profiler.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *what, size_t size, void *block)
{
	size_t usable = malloc_usable_size(block);

	memset(block, 0x5a, usable);
	printf("%s(%zu) has %zu\n", what, size, usable);
	free(block);
}

int main(void)
{
	static char line[1 << 16];

	setvbuf(stdout, line, _IOFBF, sizeof(line));
	for (size_t size = 0; size < 300000; size += 1 + size / 3) {
		show("malloc", size, malloc(size));
		show("calloc", size, calloc(size, 1));
		show("aligned", size, aligned_alloc(256, size));
		show("realloc", size, realloc(malloc(1), size + 1));
		show("pvalloc", size, pvalloc(size));
	}
	printf("nothing has %zu\n", malloc_usable_size(NULL));
	return 0;
}
