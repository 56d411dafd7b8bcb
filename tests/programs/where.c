/* Blocks that differ in every way that --where can tell. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void *volatile sink;
static void *held[8];

static void parse(size_t size)
{
	sink = malloc(size);
}

static void *work(void *unused)
{
	pthread_setname_np(pthread_self(), "io-1");
	for (int i = 0; i < 3; i++)
		parse(5000);
	return unused;
}

int main(void)
{
	pthread_t thread;
	char *text = NULL;

	for (int i = 0; i < 8; i++)
		held[i] = malloc(300);
	for (int i = 0; i < 10; i++) {
		sink = malloc(100);
		free(sink);
	}
	for (size_t size = 1; size <= 200; size++)
		sink = malloc(size);
	usleep(30000);
	for (int i = 0; i < 8; i++)
		free(held[i]);
	for (size_t size = 1000; size <= 5000; size += 1000)
		text = realloc(text, size);
	sink = text;
	parse(7);
	pthread_create(&thread, NULL, work, NULL);
	return pthread_join(thread, NULL);
}
