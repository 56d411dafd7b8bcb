/* 100 blocks of 111 bytes of its own, kept, and 100 by a library in a scope of
 * its own; "new" in a namespace of its own, with another libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

void *volatile sink;

static __attribute__((noinline)) void keep(void)
{
	for (int i = 0; i < 100; i++)
		sink = malloc(111);
}

int main(int argc, char **argv)
{
	void *library = argc > 2 ? dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW)
				 : dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND);
	void *(*take)(void);
	void (*give)(void *);

	if (!library)
		return fprintf(stderr, "%s\n", dlerror()), 9;
	*(void **)&take = dlsym(library, "take");
	*(void **)&give = dlsym(library, "free");
	keep();
	for (int i = 0; i < 100; i++)
		argc > 2 ? give(take()) : free(take());
	return 12;
}
