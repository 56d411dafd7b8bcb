/* Ends while four threads allocate: exit() has nobody stop first. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *unused)
{
	for (;;) {
		void *volatile p = malloc(40);

		free(p);
	}
	return unused;
}

int main(void)
{
	pthread_t id;

	for (int i = 0; i < 4; i++)
		pthread_create(&id, NULL, work, NULL);
	usleep(2000);
	exit(21);
}
