/* Takes 12,000 blocks of 10 bytes, sends SIGKILL to its parent or to itself
 * once it has as many as it is told, and says at the end how many it has. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *volatile sink;

int main(int argc, char **argv)
{
	int whom =
		argc > 1 && !strcmp(argv[1], "parent") ? getppid() : getpid();
	int when = argc > 2 ? atoi(argv[2]) : 0, n;

	for (n = 0; n < 12000; n++) {
		if (n == when)
			kill(whom, SIGKILL);
		sink = malloc(10);
	}
	printf("%d blocks\n", n);
	return 5;
}
