/* A thread of high and one of low real-time priority share a processor and
 * allocate in turns: who spins for what the other holds never gets it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *priority)
{
	struct sched_param param = { .sched_priority = *(int *)priority };

	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &param))
		exit(77);
	for (int i = 0; i < 50000; i++) {
		void *volatile p = malloc((size_t)i % 900);

		free(p);
		if (i % 100 == 0)
			usleep(10);
	}
	return NULL;
}

int main(void)
{
	int priority[] = { 1, 50, 20, 90 };
	pthread_t id[4];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (int i = 0; i < 4; i++)
		pthread_create(&id[i], NULL, work, &priority[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	return 0;
}
