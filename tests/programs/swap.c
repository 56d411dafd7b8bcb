/*
 * 2 threads pass 200,000 blocks each, grown from 48 to 64 bytes, to each other
 * and free what comes: addresses are reused across threads all the time.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(void *) box[2];

static void *work(void *self)
{
	long id = (long)self;

	for (int i = 0; i < 200000; i++) {
		void *block = malloc(48);

		block = realloc(block, 64);
		free(atomic_exchange(&box[1 - id], block));
		free(atomic_exchange(&box[id], NULL));
	}
	return NULL;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, work, (void *)1);
	work((void *)0);
	pthread_join(thread, NULL);
	free(box[0]);
	free(box[1]);
	return 0;
}
