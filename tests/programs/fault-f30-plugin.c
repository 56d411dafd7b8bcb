/* A library that takes a block of SIZE bytes when it is asked to. */
#include <stdlib.h>

void *take(void);

void *take(void)
{
	void *volatile block = malloc(SIZE);

	return block;
}
