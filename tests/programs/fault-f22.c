/* 150 blocks of 123 bytes, of which 100 stay. Built in ways that keep the agent
 * out: static, for another loader, with a sanitizer. */
#include <stdio.h>
#include <stdlib.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	for (int i = 0; i < 150; i++) {
		sink = malloc(123);
		if (i % 3 == 0)
			free(sink);
	}
}

int main(void)
{
	take();
	puts("150 blocks");
	return 3;
}
