/*
 * argv[1] blocks of sizes that do not compress, from two places by turns, each
 * replacing a random one of 1,000; ends with 7. The numbers are the same in
 * every run.
 */
#include <stdint.h>
#include <stdlib.h>

static void *volatile block[1000];
static uint64_t state = 88172645463325252;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;

	for (long i = 0; i < count; i++) {
		size_t slot = next() % 1000;

		free(block[slot]);
		if (next() % 2)
			block[slot] = malloc(next() % 4000);
		else
			block[slot] = calloc(1, next() % 4000);
	}
	return 7;
}
