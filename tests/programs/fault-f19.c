/* Takes blocks from before main until after it: 10 of 101 bytes in each of 15
 * stages, of which none is freed. "exit" from another thread than the first. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	for (int i = 0; i < 10; i++)
		sink = malloc(101);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*first)(void) = take;

__attribute__((constructor(101))) static void early(void)
{
	take();
}

__attribute__((constructor)) static void begin(void)
{
	take();
}

__attribute__((destructor)) static void end(void)
{
	take();
}

__attribute__((destructor(101))) static void late(void)
{
	take();
}

static void *thread(void *arg)
{
	take();
	if (arg)
		exit(3);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t id;

	(void)argv;
	for (int i = 0; i < 8; i++)
		atexit(take);
	take();
	pthread_create(&id, NULL, thread, argc > 1 ? &id : NULL);
	pthread_join(id, NULL);
	return 3;
}
