/* "handler": 100,000 mappings, while a timer's handler takes and frees a block
 * every 200 microseconds; says how many. Else 300,000 blocks, while the handler
 * only counts: its signals come inside malloc. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile sig_atomic_t hits, allocates;

static __attribute__((noinline)) void take(void)
{
	void *volatile p = malloc(50);

	free(p);
}

static void on_signal(int number)
{
	(void)number;
	hits++;
	if (allocates)
		take();
}

int main(int argc, char **argv)
{
	struct itimerval timer = { { 0, 200 }, { 0, 200 } };

	(void)argv;
	allocates = argc > 1;
	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 300000; i++) {
		if (!allocates)
			take();
		else if (i % 3 == 0)
			munmap(mmap(NULL, 4096, PROT_READ,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			       4096);
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
	printf("%d\n", allocates ? hits : 300000);
	return 0;
}
