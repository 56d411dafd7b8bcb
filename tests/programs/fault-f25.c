/* Leaves a daemon behind, forked twice in a session of its own and without any
 * descriptor. It takes 500 blocks of 40 bytes once its parent has gone. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(int n)
{
	for (int i = 0; i < n; i++)
		sink = malloc(40);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 0;

	int fds[2] = { -1, -1 };

	sink = malloc(1);
	free(sink);
	if (pipe(fds))
		return 5;
	if (fork()) {
		/* With a number of seconds, after the daemon's first block. */
		char begun = 0;

		return !seconds || read(fds[0], &begun, 1) == 1 ? 4 : 6;
	}
	setsid();
	if (fork())
		_exit(0);
	if (seconds) {
		take(1);
		if (write(fds[1], "", 1) < 1)
			return 7;
	}
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	usleep(100000);
	take(500);
	sleep((unsigned int)seconds);
	if (argc > 2)
		close(open(argv[2], O_CREAT | O_WRONLY, 0644));
	return 0;
}
