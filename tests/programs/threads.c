/*
 * In each of argv[1] threads: 100 blocks of 64 bytes, all alive at once with
 * those of all others; 40 freed by their own thread, 50 by the next one, 10
 * never; and then 5 temporary ones of 8 bytes.
 */
#include <pthread.h>
#include <stdlib.h>

static pthread_barrier_t barrier;
static void *volatile block[64][100];
static int count;

static void *work(void *self)
{
	long id = (long)self, next = (id + 1) % count;

	for (int i = 0; i < 100; i++)
		block[id][i] = malloc(64);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 40; i++)
		free(block[id][i]);
	for (int i = 40; i < 90; i++)
		free(block[next][i]);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 5; i++) {
		block[id][0] = malloc(8);
		free(block[id][0]);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static pthread_t thread[64];

	count = argc > 1 ? atoi(argv[1]) : 1;
	pthread_barrier_init(&barrier, NULL, count);
	for (long i = 0; i < count; i++)
		pthread_create(&thread[i], NULL, work, (void *)i);
	for (int i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
