/*
 * Built without unwind information: 1,000 blocks of 32 bytes leak, three calls
 * deep.
 */
#include <stdlib.h>

static void *volatile kept;

__attribute__((noinline)) static void inner(void)
{
	kept = malloc(32);
}

__attribute__((noinline)) static void middle(void)
{
	inner();
	kept = NULL;
}

int main(void)
{
	for (int i = 0; i < 1000; i++)
		middle();
	return 0;
}
