/* 50 children by vfork and 50 by posix_spawn, with a block taken and freed for
 * each, half of them by the vforked child before it executes. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	sink = malloc(40);
	free(sink);
}

int main(void)
{
	char *argv[] = { "true", NULL };
	int status, bad = 0;
	pid_t pid;

	for (int i = 0; i < 50; i++) {
		pid = vfork();
		if (!pid) {
			take();
			execvp("true", argv);
			_exit(127);
		}
		waitpid(pid, &status, 0);
		bad += status != 0;
		take();
		bad += posix_spawnp(&pid, "true", NULL, NULL, argv, environ);
		waitpid(pid, &status, 0);
		bad += status != 0;
	}
	return bad ? 99 : 22;
}
