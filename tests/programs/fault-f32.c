/* realloc(p, 0) returns a block, a realloc that fails keeps it: 1,010 blocks, of
 * which 10 are left, with 770 bytes. */
#include <stdint.h>
#include <stdlib.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	volatile size_t none = 0, huge = PTRDIFF_MAX;

	for (int i = 0; i < 1000; i++) {
		sink = malloc(100);
		sink = realloc(sink, none);
	}
	for (int i = 0; i < 10; i++) {
		sink = malloc(77);
		if (realloc(sink, huge) || reallocarray(sink, huge, 16))
			abort();
	}
}

int main(void)
{
	take();
	return 0;
}
