/* Takes blocks of 1 MiB until there are no more, and says how many hundreds;
 * "lock" locks all its memory first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *volatile sink;

static __attribute__((noinline)) int take(int most)
{
	int n = 0;

	while (n < most && (sink = malloc(1 << 20)))
		n++;
	return n;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1 && mlockall(MCL_CURRENT)) {
		perror("mlockall");
		return 99;
	}
	printf("%d\n", take(argc > 1 ? 10 : 100000));
	return errno == ENOMEM || argc > 1 ? 4 : 5;
}
