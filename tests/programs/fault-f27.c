/* Says how far it is after every 1,000 blocks, until a signal ends it, which it
 * may catch: then it takes one more of 77 bytes and ends with 33. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *volatile sink;
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

static __attribute__((noinline)) void last(void)
{
	sink = malloc(77);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		signal(SIGTERM, on_signal);
		signal(SIGINT, on_signal);
	}
	(void)argv;
	for (int i = 0; !caught; i++) {
		for (int n = 0; n < 1000; n++) {
			sink = malloc(24);
			free(sink);
		}
		if (i < 200 && write(1, ".\n", 2) < 2)
			return 9;
	}
	last();
	return 33;
}
