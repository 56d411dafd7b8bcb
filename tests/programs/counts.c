/*
 * 100 blocks of 10 bytes of which 7 leak, 20 temporary ones of 1000, and one
 * of 5000 that makes the peak together with 95 of the first.
 */
#include <stdlib.h>

static void *volatile kept[100];

__attribute__((noinline)) static void *make(size_t size)
{
	return malloc(size);
}

int main(void)
{
	for (int i = 0; i < 100; i++)
		kept[i] = make(10);
	for (int i = 0; i < 5; i++)
		free(kept[i]);
	kept[0] = malloc(5000);
	free(kept[0]);
	for (int i = 5; i < 93; i++)
		free(kept[i]);
	for (int i = 0; i < 20; i++) {
		kept[0] = make(1000);
		free(kept[0]);
	}
	free(NULL);
	return 0;
}
