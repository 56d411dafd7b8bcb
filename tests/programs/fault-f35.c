/* 100 blocks of 30 bytes that are freed, and in a child 1,000 of 50 of which it
 * keeps all; "namespace": 10 of 10, kept, and 500 of 30 in another. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(int n, size_t size, int keep)
{
	for (int i = 0; i < n; i++) {
		sink = malloc(size);
		if (!keep)
			free(sink);
	}
}

int main(int argc, char **argv)
{
	int other = argc > 1 && argv[1][0] == 'n', status = 0;

	other ? take(10, 10, 1) : take(100, 30, 0);
	if (other && unshare(CLONE_NEWPID))
		return 77;
	if (!fork()) {
		other ? take(500, 30, 1) : take(1000, 50, 1);
		_exit(4);
	}
	wait(&status);
	return WEXITSTATUS(status);
}
