/* Takes 1,000 blocks of 20 bytes, forbids itself to make any file larger, and
 * takes 20,000 more and a child; then may still not write a byte. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(int n)
{
	for (int i = 0; i < n; i++)
		sink = malloc(20);
}

int main(int argc, char **argv)
{
	int status = 0;

	take(1000);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, 0 });
	take(20000);
	if (!fork()) {
		take(1000);
		_exit(3);
	}
	wait(&status);
	return argc + (argv != NULL) + WEXITSTATUS(status);
}
