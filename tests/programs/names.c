/*
 * Four functions that allocate 1000, 2000, 3000 and 4000 bytes, to be given
 * odd names; then as much of nothing else.
 */
#include <stdlib.h>
#include <time.h>

void *volatile kept[4];

#define MAKE(name, size)                                                       \
	__attribute__((noinline)) void name(int i)                             \
	{                                                                      \
		kept[i] = malloc(size);                                        \
	}

MAKE(name_a, 1000)
MAKE(name_b, 2000)
MAKE(name_c, 3000)
MAKE(name_d, 4000)

int main(void)
{
	const struct timespec nap = { .tv_nsec = 20000000 };

	name_a(0);
	name_b(1);
	nanosleep(&nap, NULL);
	name_c(2);
	free(kept[1]);
	nanosleep(&nap, NULL);
	name_d(3);
	return 0;
}
