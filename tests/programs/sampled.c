/*
 * Allocates 40,000 blocks of 100 bytes, 4,000 of 3,000 and 40 of 1 MiB, frees
 * every second one of each kind.
 */
#include <stdlib.h>

static void *volatile keep[44040];

static void fill(size_t size, int from, int to)
{
	for (int i = from; i < to; i++)
		keep[i] = malloc(size);
	for (int i = from; i < to; i += 2)
		free(keep[i]);
}

int main(void)
{
	fill(100, 0, 40000);
	fill(3000, 40000, 44000);
	fill(1 << 20, 44000, 44040);
	return 0;
}
