/* 10 blocks of 64 bytes at a depth of 100,000 frames, and 1 of 32 in main. */
#include <stdlib.h>

static void *volatile kept;

__attribute__((noinline)) static int bottom(void)
{
	for (int i = 0; i < 10; i++)
		kept = malloc(64);
	return 1;
}

__attribute__((noinline)) static int descend(volatile int depth)
{
	return depth > 0 ? descend(depth - 1) + 1 : bottom();
}

int main(void)
{
	kept = malloc(32);
	return descend(100000) != 100001;
}
