/* 5,000 threads, one after another by fives, take and free 20 blocks each. */
#include <pthread.h>
#include <stdlib.h>

static void *work(void *unused)
{
	for (int i = 0; i < 20; i++) {
		void *volatile p = malloc(33);

		free(p);
	}
	return unused;
}

int main(void)
{
	pthread_t id[5];

	for (int i = 0; i < 1000; i++) {
		for (int n = 0; n < 5; n++)
			pthread_create(&id[n], NULL, work, NULL);
		for (int n = 0; n < 5; n++)
			pthread_join(id[n], NULL);
	}
	return 0;
}
