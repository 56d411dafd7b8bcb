/* Stops its parent's main thread, and no other of it, allocates far more than
 * any buffer holds, and fails when that took 10 seconds or more. */
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void *volatile sink;

int main(void)
{
	time_t start = time(NULL);
	int parent = getppid();

	usleep(100000);
	if (ptrace(PTRACE_SEIZE, parent, 0, 0) ||
	    ptrace(PTRACE_INTERRUPT, parent, 0, 0) ||
	    waitpid(parent, NULL, __WALL) != parent)
		return 77;
	for (int i = 0; i < 1000000; i++) {
		sink = malloc(16);
		free(sink);
	}
	ptrace(PTRACE_DETACH, parent, 0, 0);
	return time(NULL) - start < 10 ? 0 : 99;
}
