/* Four threads allocate while 20 children are forked, each of which allocates
 * and starts a thread. 0 when all of them came to their end in time. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int stop;

static void *work(void *once)
{
	do {
		for (size_t i = 0; i < 1000; i++) {
			void *volatile block = malloc(i);

			free(block);
		}
	} while (!once && !stop);
	return NULL;
}

int main(void)
{
	pthread_t thread[4], other;
	int status = 0, bad = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < 20; i++) {
		if (!fork()) {
			alarm(20);
			work(&other);
			pthread_create(&other, NULL, work, &other);
			_exit(pthread_join(other, NULL) ? 1 : 7);
		}
		wait(&status);
		bad += !WIFEXITED(status) || WEXITSTATUS(status) != 7;
	}
	stop = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	return bad;
}
