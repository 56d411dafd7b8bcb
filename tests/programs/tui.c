/* A cache that grows, lines that come and go, and a thread that leaks. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "preload/memprof.h"

#define CALLED __attribute__((noinline))

static char *cache[64];

CALLED static void fill_cache(int from, int to)
{
	for (int i = from; i < to; i++)
		cache[i] = malloc(i % 4 ? 4096 : 1000);
}

CALLED static void parse_line(void)
{
	free(strdup("a line of text"));
	usleep(200);
}

CALLED static void serve(int requests, int from, int to)
{
	fill_cache(from, to);
	for (int i = 0; i < requests; i++)
		parse_line();
}

static void *leak(void *last)
{
	pthread_setname_np(pthread_self(), "leaker");
	for (int i = 0; i < 10; i++)
		*(void **)last = calloc(3, 100);
	return last;
}

int main(void)
{
	void *volatile last = malloc(70000);
	pthread_t thread;

	serve(100, 0, 32);
	memprof_mark("warm");
	serve(200, 32, 64);
	pthread_create(&thread, NULL, leak, (void *)&last);
	pthread_join(thread, NULL);
	for (int i = 0; i < 48; i++)
		free(cache[i]);
	serve(100, 0, 4);
	return 0;
}
