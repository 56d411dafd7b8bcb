/* Blocks cut out of one of the heap; the first lies where that begins. */
#include "memprof.h"

#include <stdlib.h>

static char *memory;

__attribute__((noinline)) static void *take(size_t at, size_t size)
{
	memprof_alloc(memory + at, size);
	return memory + at;
}

int main(void)
{
	void *a, *b;

	memory = malloc(1000);
	a = take(0, 100);
	b = take(100, 300);
	memprof_free(a);
	memprof_free(b);
	take(0, 50);
	memprof_free(NULL);
	memprof_alloc(NULL, 7);
	free(memory);
	return 0;
}
