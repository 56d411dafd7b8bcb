/* Stops its parent, allocates far more than any buffer holds, lets the parent
 * go on, and fails when that took 10 seconds or more. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void *volatile sink;

int main(void)
{
	time_t start = time(NULL);
	int parent = getppid();

	kill(parent, SIGSTOP);
	for (int i = 0; i < 1000000; i++) {
		sink = malloc(16);
		free(sink);
	}
	kill(parent, SIGCONT);
	for (int i = 0; i < 1000; i++) {
		sink = malloc(32);
		free(sink);
		usleep(10);
	}
	return time(NULL) - start < 10 ? 0 : 99;
}
