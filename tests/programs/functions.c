/*
 * Every function that gives memory, twice, and one block of each is freed.
 * The n-th asks for 100 + n bytes. Those that fail are nothing.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

static void *volatile block;
static volatile size_t huge = PTRDIFF_MAX, one = 1;

static void *posix(size_t align, size_t size)
{
	void *result = NULL;

	if (posix_memalign(&result, align, size))
		return NULL;
	return result;
}

static void make(void)
{
	block = malloc(101);
	free(block), block = calloc(6, 17);
	free(block), block = realloc(NULL, 103);
	free(block), block = reallocarray(NULL, 4, 26);
	free(block), block = aligned_alloc(32, 105);
	free(block), block = posix(64, 106);
	free(block), block = memalign(128, 107);
	free(block), block = valloc(108);
	free(block), block = pvalloc(109);
	block = malloc(0);
}

int main(void)
{
	make();
	make();
	if (malloc(huge) || calloc(huge, 2) || realloc(NULL, huge) ||
	    reallocarray(NULL, huge, huge) || aligned_alloc(64, huge) ||
	    posix(3, one) || posix(64, huge) || memalign(64, huge))
		return 1;
	return errno != ENOMEM;
}
