/* Takes and frees 1,000 blocks, and one on top of 100,000 calls. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) int deep(int n)
{
	int below = 0;

	if (n)
		below = deep(n - 1);
	else
		free(sink = malloc(10));
	__asm__ volatile("");
	return below + 1;
}

int main(void)
{
	for (int i = 0; i < 1000; i++) {
		sink = malloc(20);
		free(sink);
	}
	return deep(100000) == 100001 ? 16 : 17;
}
