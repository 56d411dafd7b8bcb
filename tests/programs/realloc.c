/*
 * A chain 100 -> 300 -> 200 bytes that leaks; one freed by realloc(p, 0); one
 * that a failing realloc and reallocarray leave as it is; a chain of 10 steps
 * that ends freed; reallocarray that moves.
 */
#include <stdint.h>
#include <stdlib.h>

static void *volatile chain, *volatile other, *volatile last;
static volatile size_t none, huge = PTRDIFF_MAX;

static void *grow(void *block)
{
	for (size_t size = 1000; size <= 10000; size += 1000)
		block = realloc(block, size);
	return block;
}

int main(void)
{
	chain = malloc(100);
	chain = realloc(chain, 300);
	chain = realloc(chain, 200);
	other = malloc(50);
	if (realloc(other, none) != NULL)
		return 1;
	other = malloc(60);
	if (realloc(other, huge) || reallocarray(other, huge, 2))
		return 2;
	free(grow(NULL));
	last = reallocarray(other, 10, 70);
	return 0;
}
