/* 50 threads with a cancellation pending take and free 20,000 blocks each:
 * malloc is no cancellation point, so all 1,000,000 are taken. */
#include <pthread.h>
#include <stdlib.h>

static __attribute__((noinline)) void churn(void)
{
	for (int i = 0; i < 20000; i++) {
		void *volatile p = malloc(24);

		free(p);
	}
}

static void *work(void *unused)
{
	pthread_cancel(pthread_self());
	churn();
	pthread_testcancel();
	return unused;
}

int main(void)
{
	pthread_t thread[50];
	int cancelled = 0;
	void *result;

	for (int i = 0; i < 50; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < 50; i++) {
		pthread_join(thread[i], &result);
		cancelled += result == PTHREAD_CANCELED;
	}
	return cancelled;
}
