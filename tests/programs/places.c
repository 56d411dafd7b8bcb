/* Two lines that say the same, blocks that stay and blocks that go. */
#include <stdlib.h>
#include <string.h>
void *volatile sink;
static char *keep[1000];

__attribute__((noinline)) static char *make(int n)
{
	char *p = malloc(n);
	memset(p, 1, n);
	return p;
}

__attribute__((noinline)) static void twice(void)
{
	keep[0] = malloc(64);
	sink = keep[0];
	keep[1] = malloc(64);
	sink = keep[1];
}

int main(void)
{
	for (int i = 2; i < 100; i++)
		keep[i] = make(i);
	for (int i = 2; i < 50; i++)
		free(keep[i]);
	twice();
	return 0;
}
