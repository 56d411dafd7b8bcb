/* Allocates through recursion, a cycle, an inlined function and a wrapper. */
#include <pthread.h>
#include <stdlib.h>

#define APART __attribute__((noipa))

void *volatile sink;
volatile int done;

APART static void my_alloc(size_t size)
{
	sink = malloc(size);
}

static inline __attribute__((always_inline)) void leaf(size_t size)
{
	my_alloc(size);
	done++;
}

APART static void down(int n)
{
	leaf(100);
	if (n)
		down(n - 1);
	done++;
}

APART static void pong(int n);

APART static void hit(int n)
{
	my_alloc(30);
	if (n)
		pong(n - 1);
	done++;
}

APART static void pong(int n)
{
	my_alloc(40);
	if (n)
		hit(n - 1);
	done++;
}

static void *work(void *unused)
{
	down(0);
	return unused;
}

int main(void)
{
	pthread_t thread;

	down(11);
	hit(4);
	pthread_create(&thread, NULL, work, NULL);
	return pthread_join(thread, NULL);
}
