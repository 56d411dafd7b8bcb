/* 100,000 times six calls that must leave errno alone, and that of a call which
 * fails: says how often they did not. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *volatile sink;
static int wrong;

#define KEEPS(call)                                                            \
	do {                                                                   \
		errno = 1234;                                                  \
		call;                                                          \
		wrong += errno != 1234;                                        \
	} while (0)

static __attribute__((noinline)) void work(void)
{
	volatile size_t huge = (size_t)-4096;

	for (int i = 0; i < 100000; i++) {
		KEEPS(sink = malloc((size_t)i % 300));
		KEEPS(free(sink));
		KEEPS(sink = calloc(3, 40));
		KEEPS(sink = realloc(sink, 500));
		KEEPS(free(sink));
		KEEPS(sink = memalign(64, 10));
		KEEPS(free(sink));
		errno = 0;
		sink = malloc(huge);
		wrong += sink != NULL || errno != ENOMEM;
	}
}

int main(void)
{
	work();
	printf("%d wrong\n", wrong);
	return 0;
}
