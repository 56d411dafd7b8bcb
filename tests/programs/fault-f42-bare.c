/* 1,000 blocks of 32 bytes, kept; built without unwind information. */
#include <stdlib.h>

void *volatile sink;

static __attribute__((noinline)) void take(int n)
{
	while (n--)
		sink = malloc(32);
}

int main(void)
{
	take(1000);
	return 19;
}
