/* A library to preload, whose constructor takes 10,000 blocks of 24 bytes and
 * asks for symbols, for some of which the loader allocates. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	for (int i = 0; i < 10000; i++)
		sink = malloc(24);
}

static __attribute__((constructor(101))) void begin(void)
{
	take();
	for (int i = 0; i < 100; i++) {
		void *volatile symbol = dlsym(RTLD_NEXT, "there is none");

		if (symbol || !dlerror())
			abort();
	}
}
