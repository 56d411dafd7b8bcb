/* Stops its parent, allocates far more than any buffer holds, lets the parent
 * go on, and fails when that took 10 seconds or more, or one block more
 * milliseconds than it is told. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void *volatile sink;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	double start = now(), last = start, longest = 0;
	int parent = getppid();

	kill(parent, SIGSTOP);
	for (int i = 0; i < 1000000; i++) {
		sink = malloc(16);
		free(sink);
		if (now() - last > longest)
			longest = now() - last;
		last = now();
	}
	kill(parent, SIGCONT);
	for (int i = 0; i < 1000; i++) {
		sink = malloc(32);
		free(sink);
		usleep(10);
	}
	if (argc > 1 && longest > atof(argv[1]))
		return 98;
	return now() - start < 10000 ? 0 : 99;
}
