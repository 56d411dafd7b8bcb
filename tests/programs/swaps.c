/* Frees one of 4,000 blocks at random and allocates another, ROUNDS times. */
#include <stdint.h>
#include <stdlib.h>

enum { SLOTS = 4000 };

static uint64_t state = 88172645463325252;
static void *slots[SLOTS];

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 0;

	while (rounds--) {
		void **slot = &slots[next_random() % SLOTS];

		free(*slot);
		*slot = malloc(16 + next_random() % 400);
	}
	for (int i = 0; i < SLOTS / 2; i++) {
		free(slots[i]);
		slots[i] = NULL;
	}
	return 0;
}
