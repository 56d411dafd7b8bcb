/*
 * Sizes from nothing to all: malloc(0) 10 times, 5 GiB and 1 byte untouched,
 * and what can not be had. One block of 16 bytes leaks.
 */
#include <stdint.h>
#include <stdlib.h>

static void *volatile block[10];
static volatile size_t large = (5ULL << 30) + 1, all = SIZE_MAX;

int main(void)
{
	for (int i = 0; i < 10; i++)
		block[i] = malloc(0);
	for (int i = 0; i < 10; i++)
		free(block[i]);
	block[0] = malloc(large);
	if (!block[0])
		return 77;
	free(block[0]);
	if (malloc(all) || calloc(all, all) || realloc(NULL, all - 4096))
		return 1;
	block[0] = malloc(16);
	return 0;
}
