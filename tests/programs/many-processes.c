/*
 * N times a child, by turns of fork() and of vfork() and exec of itself: each
 * takes 2 blocks of 20 bytes and frees them.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block[2];

__attribute__((noinline)) static void child(void)
{
	block[0] = malloc(20);
	block[1] = malloc(20);
	free(block[0]);
	free(block[1]);
	_exit(0);
}

int main(int argc, char **argv)
{
	char *const arguments[] = { argv[0], NULL };
	int n = argc > 1 ? atoi(argv[1]) : 0, status, failed = 0;
	pid_t pid;

	if (argc < 2)
		child();
	for (int i = 0; i < n; i++) {
		pid = i % 2 ? fork() : vfork();
		if (!pid && i % 2)
			child();
		if (!pid) {
			execv(argv[0], arguments);
			_exit(1);
		}
		failed |= waitpid(pid, &status, 0) != pid || status;
	}
	return failed;
}
