/* 5,000 threads, 50 at a time, of 20 blocks of 100 bytes each, all freed. */
#include <pthread.h>
#include <stdlib.h>

static void *work(void *unused)
{
	void *volatile block[20];

	for (int i = 0; i < 20; i++)
		block[i] = malloc(100);
	for (int i = 0; i < 20; i++)
		free(block[i]);
	return unused;
}

int main(void)
{
	pthread_t thread[50];

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 50; i++)
			if (pthread_create(&thread[i], NULL, work, NULL))
				return 1;
		for (int i = 0; i < 50; i++)
			pthread_join(thread[i], NULL);
	}
	return 0;
}
