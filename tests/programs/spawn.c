/* 25 children by vfork and 25 by posix_spawn: 50 blocks of 80 bytes, freed. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *volatile block;

int main(void)
{
	char *const arguments[] = { "true", NULL };
	static volatile int i, failed;
	pid_t pid;
	int status;

	for (i = 0; i < 50; i = i + 1) {
		block = malloc(80);
		pid = 0;
		if (i % 2)
			posix_spawn(&pid, "/bin/true", NULL, NULL, arguments,
				    environ);
		else if ((pid = vfork()) == 0) {
			execv("/bin/true", arguments);
			_exit(1);
		}
		waitpid(pid, &status, 0);
		failed = failed || status;
		free(block);
	}
	return failed;
}
