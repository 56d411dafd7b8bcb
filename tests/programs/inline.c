/*
 * 12 blocks of 16 bytes through two inlined functions and a wrapper, and 6 of
 * 32 from a thread called "worker".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>

static void *volatile kept;

__attribute__((noinline)) static void *wrapper(size_t size)
{
	void *volatile block = malloc(size);
	return block;
}

static inline __attribute__((always_inline)) void inner(void)
{
	kept = wrapper(16);
}

static inline __attribute__((always_inline)) void outer(void)
{
	inner();
	inner();
}

static void *work(void *unused)
{
	pthread_setname_np(pthread_self(), "worker");
	for (int i = 0; i < 6; i++)
		kept = malloc(32);
	return unused;
}

int main(void)
{
	pthread_t thread;

	for (int i = 0; i < 6; i++)
		outer();
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	return 0;
}
