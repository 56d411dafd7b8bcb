/* Blocks of all sizes there are: 21 can be had, of which one of 16 bytes is
 * left, at most 5 GiB at once; those that can not are none. */
#include <stdint.h>
#include <stdlib.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	volatile size_t huge = SIZE_MAX, five = 5UL << 30;

	for (int i = 0; i < 10; i++) {
		sink = malloc(0);
		free(sink);
		sink = malloc(((size_t)1 << i) - 1);
		free(sink);
	}
	if (malloc(huge) || malloc(PTRDIFF_MAX) || calloc(huge, 2) ||
	    calloc(huge / 2 + 2, 2) || reallocarray(NULL, huge / 2 + 2, 2))
		abort();
	void *volatile kept = malloc(16);

	sink = malloc(five);
	free(sink);
	sink = kept;
}

int main(void)
{
	take();
	return 21;
}
