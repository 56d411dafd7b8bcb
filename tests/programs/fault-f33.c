/* Four threads grow blocks by realloc and free them, 20,000 each: an address
 * that one realloc leaves is another thread's at once. */
#include <pthread.h>
#include <stdlib.h>

static void *work(void *unused)
{
	for (int i = 0; i < 20000; i++) {
		void *volatile p = malloc(40);

		p = realloc(p, 400);
		p = realloc(p, 4000);
		p = realloc(p, 20);
		free(p);
	}
	return unused;
}

int main(void)
{
	pthread_t id[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&id[i], NULL, work, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	return 0;
}
