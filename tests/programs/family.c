/*
 * A program that has 100 blocks of 1,000 bytes, its fork that takes 200, and a
 * program that it spawns, which takes 300. All have them at the same time, and
 * keep them to their ends. "child": the last.
 */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACK = 50, WAIT = 60 };

extern char **environ;

static void *volatile block;

static __attribute__((noinline)) void take(int n)
{
	for (int i = 0; i < n; i++)
		block = malloc(1000);
}

static void stay(void)
{
	char byte = 0;

	if (write(BACK, &byte, 1) == 1)
		_exit(read(WAIT, &byte, 1) != 0);
	_exit(1);
}

int main(int argc, char **argv)
{
	char *const arguments[] = { argv[0], "child", NULL };
	int back[2], wait_for[2], status, failed = 0;
	char byte;
	pid_t pid;

	if (argc > 1) {
		close(WAIT + 1);
		take(300);
		stay();
	}
	take(100);
	if (pipe(back) || pipe(wait_for) || dup2(back[1], BACK) < 0 ||
	    dup2(wait_for[0], WAIT) < 0)
		return 1;
	if (!fork()) {
		close(wait_for[1]);
		take(200);
		stay();
	}
	dup2(wait_for[1], WAIT + 1);
	close(wait_for[1]);
	if (posix_spawn(&pid, argv[0], NULL, NULL, arguments, environ) ||
	    read(back[0], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
		return 1;
	usleep(300000);
	close(WAIT + 1);
	while (wait(&status) > 0)
		failed |= status;
	return failed;
}
