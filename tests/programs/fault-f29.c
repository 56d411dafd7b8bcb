/* 100 blocks of 10 bytes or more by each of 15 ways to get and to return one,
 * of which the compiler sees none: 1,500 blocks, none left. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

#define TIMES(statement)                                                       \
	for (int i = 0; i < 100; i++) {                                        \
		statement;                                                     \
		sink = p;                                                      \
		give(sink);                                                    \
	}

void *volatile sink;
static void *p;
static void (*give)(void *) = free;
static void (*free_sized)(void *, size_t);
static void (*free_aligned_sized)(void *, size_t, size_t);
static void (*cfree)(void *);

static void give_sized(void *block)
{
	free_sized ? free_sized(block, 10) : free(block);
}

static void give_aligned_sized(void *block)
{
	free_aligned_sized ? free_aligned_sized(block, 64, 64) : free(block);
}

static void give_by_realloc(void *block)
{
	sink = realloc(block, 0);
}

static __attribute__((noinline)) void take(void)
{
	TIMES(p = malloc(10));
	TIMES(p = calloc(2, 5));
	TIMES(p = realloc(NULL, 10));
	TIMES(p = reallocarray(NULL, 2, 5));
	TIMES(p = memalign(64, 10));
	TIMES(p = aligned_alloc(64, 64));
	TIMES(if (posix_memalign(&p, 64, 10)) abort());
	TIMES(p = valloc(10));
	TIMES(p = pvalloc(10));
	TIMES(p = malloc(0));
	TIMES(p = calloc(0, 0));
	give = give_sized;
	TIMES(p = malloc(10));
	give = give_aligned_sized;
	TIMES(p = aligned_alloc(64, 64));
	give = cfree ? cfree : free;
	TIMES(p = malloc(10));
	give = give_by_realloc;
	TIMES(p = malloc(10));
}

int main(void)
{
	*(void **)&free_sized = dlsym(RTLD_DEFAULT, "free_sized");
	*(void **)&free_aligned_sized =
		dlsym(RTLD_DEFAULT, "free_aligned_sized");
	*(void **)&cfree = dlsym(RTLD_DEFAULT, "cfree");
	take();
	return malloc_usable_size(NULL) ? 1 : 0;
}
