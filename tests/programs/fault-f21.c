/* 64 threads take and free 50 blocks each, throw nothing away and stay: says
 * how many descriptors the process has then. */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_barrier_t barrier;

static void *work(void *unused)
{
	for (int i = 0; i < 50; i++) {
		void *volatile p = malloc(100);

		free(p);
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

int main(void)
{
	pthread_t id;
	DIR *dir;
	int n = 0;

	pthread_barrier_init(&barrier, NULL, 65);
	for (int i = 0; i < 64; i++)
		pthread_create(&id, NULL, work, NULL);
	pthread_barrier_wait(&barrier);
	dir = opendir("/proc/self/fd");
	while (readdir(dir))
		n++;
	printf("%d descriptors\n", n - 2);
	pthread_barrier_wait(&barrier);
	pthread_exit(NULL);
}
