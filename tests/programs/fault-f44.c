/* 100 threads whose destructors take and free a block, arm themselves again
 * three times, and free their thread's own: 800 blocks, none left. */
#include <pthread.h>
#include <stdlib.h>

static pthread_key_t key;

static __attribute__((noinline)) void *take(size_t size)
{
	return malloc(size);
}

static void destroy(void *value)
{
	int *left = value;

	free(take(10));
	if (--*left)
		pthread_setspecific(key, left);
	else
		free(left);
}

static void *work(void *unused)
{
	int *left = take(sizeof(int));

	*left = 3;
	pthread_setspecific(key, left);
	for (int i = 0; i < 4; i++)
		free(take(20));
	return unused;
}

int main(void)
{
	pthread_t id;

	pthread_key_create(&key, destroy);
	for (int i = 0; i < 100; i++) {
		pthread_create(&id, NULL, work, NULL);
		pthread_join(id, NULL);
	}
	return 20;
}
