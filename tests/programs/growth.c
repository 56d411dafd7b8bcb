/*
 * 41 marks with a line that grows by a block each time, one that grows at
 * every tenth, one that fills up, one that is emptied, and one that came once.
 */
#include "memprof.h"

#include <stdlib.h>

static void *volatile kept[5][64];

static void *push(void **block, void *next)
{
	*block = next;
	return block;
}

int main(void)
{
	static void *always, *tenth;

	for (int i = 0; i <= 40; i++) {
		always = push(malloc(96), always);
		if (i % 10 == 9)
			tenth = push(malloc(500), tenth);
		if (i < 20)
			kept[0][i] = malloc(1000);
		kept[1][i % 4] = malloc(3000);
		for (int n = 0; n < 4 && i % 4 == 3; n++)
			free(kept[1][n]);
		if (i == 30)
			kept[2][0] = malloc(70000);
		memprof_mark("step");
	}
	return 0;
}
