/*
 * 10 blocks of 100 bytes at one place, and argv[1] at another, all kept; with
 * argv[2] so many calls more that keep nothing.
 */
#include <stdlib.h>

static void *volatile kept[64];

__attribute__((noinline)) static void keep_always(void)
{
	for (int i = 0; i < 10; i++)
		kept[i] = malloc(100);
}

__attribute__((noinline)) static void keep_more(int blocks)
{
	for (int i = 0; i < blocks; i++)
		kept[10 + i] = malloc(1000);
}

__attribute__((noinline)) static void call(int times)
{
	for (int i = 0; i < times; i++)
		free(malloc(10));
}

int main(int argc, char **argv)
{
	call(10);
	keep_always();
	keep_more(argc > 1 ? atoi(argv[1]) : 0);
	call(argc > 2 ? atoi(argv[2]) : 0);
	return 0;
}
