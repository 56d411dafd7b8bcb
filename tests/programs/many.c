/*
 * argv[1] blocks of 16 to 271 bytes from 4,096 stacks of 12 calls, each of
 * which replaces one of 1,024; all are freed at the end.
 */
#include <stdlib.h>

static void *volatile block[1024];

static void left(unsigned int path, int depth, long i);

__attribute__((noinline)) static void right(unsigned int path, int depth,
					    long i)
{
	if (depth)
		left(path >> 1, depth - 1, i);
	else
		block[i % 1024] = malloc(16 + i % 256);
}

__attribute__((noinline)) static void left(unsigned int path, int depth, long i)
{
	if (path & 1)
		right(path >> 1, depth, i);
	else if (depth)
		left(path >> 1, depth - 1, i);
	else
		block[i % 1024] = malloc(16 + i % 256);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;

	for (long i = 0; i < count; i++) {
		free(block[i % 1024]);
		left(i / 512, 11, i);
	}
	for (int i = 0; i < 1024; i++)
		free(block[i]);
	return 0;
}
