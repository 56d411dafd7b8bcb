/*
 * Exits while 4 other threads allocate and free; argv[1] times each thread has
 * at least done so before.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int done;
static _Thread_local void *volatile block;

static void *work(void *unused)
{
	for (;;) {
		block = malloc(50);
		free(block);
		done++;
	}
	return unused;
}

int main(int argc, char **argv)
{
	int wanted = argc > 1 ? atoi(argv[1]) : 1000;
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, work, NULL);
	while (done < wanted)
		;
	exit(21);
}
