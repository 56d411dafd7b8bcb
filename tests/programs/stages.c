/*
 * One leaking block at each stage of a program's life, from before the first
 * constructor to after main: the n-th has 10 * n bytes.
 */
#include <pthread.h>
#include <stdlib.h>

static void *volatile kept;
static pthread_key_t key;

static void before(void)
{
	kept = malloc(10);
}
__attribute__((section(".preinit_array"),
	       used)) static void (*first)(void) = before;

__attribute__((constructor)) static void begin(void)
{
	kept = malloc(20);
}

__attribute__((destructor)) static void finish(void)
{
	kept = malloc(60);
}

static void at_exit(void)
{
	kept = malloc(50);
}

static void forget(void *value)
{
	kept = malloc(40);
	(void)value;
}

static void *work(void *value)
{
	pthread_setspecific(key, value);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	atexit(at_exit);
	kept = malloc(30);
	pthread_key_create(&key, forget);
	pthread_create(&thread, NULL, work, &key);
	pthread_join(thread, NULL);
	return 0;
}
