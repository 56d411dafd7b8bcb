/*
 * Allocates 40 bytes every millisecond until SIGTERM, then says so and ends
 * with 33. With argv[1] it ends with 34 at once and leaves behind a child that
 * waits for the end of stdin.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t ended;
static void *volatile block;

static void end(int number)
{
	(void)number;
	ended = 1;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };
	char c;

	(void)argv;
	if (argc > 1) {
		if (fork() == 0)
			while (read(0, &c, 1) > 0)
				;
		return 34;
	}
	sigaction(SIGTERM, &action, NULL);
	block = malloc(40);
	if (write(1, "ready\n", 6) != 6)
		return 1;
	while (!ended) {
		block = malloc(40);
		usleep(1000);
	}
	return write(1, "ended\n", 6) == 6 ? 33 : 1;
}
