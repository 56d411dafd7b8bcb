/* A library that allocates blocks of SIZE bytes in a function called NAME. */
#include <stdlib.h>

void *NAME(void);

void *NAME(void)
{
	void *volatile block = malloc(SIZE);
	return block;
}
