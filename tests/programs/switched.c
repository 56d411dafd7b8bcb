/* Blocks of which recording sees some begin, some end, and some neither. */
#include "memprof.h"

#include <stdlib.h>

static void *volatile a, *volatile b, *volatile c, *volatile d, *volatile e;

int main(void)
{
	a = malloc(100);
	memprof_start();
	b = malloc(10);
	c = malloc(20);
	free(a);
	memprof_stop();
	d = malloc(1000);
	free(b);
	c = realloc(c, 40);
	memprof_start();
	e = malloc(7);
	free(c);
	free(d);
	return 0;
}
