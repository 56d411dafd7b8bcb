/* errno is as C and POSIX say after every call, failed ones included. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static volatile size_t huge = PTRDIFF_MAX;

/* The value that errno has after a call that began with it at 1234. */
#define AFTER(call) (errno = 1234, (void)!(call), errno)

int main(void)
{
	for (int i = 0; i < 10000; i++) {
		void *volatile a = malloc(10), *volatile b;

		if (AFTER(b = malloc(20)) != 1234)
			return 1;
		if (AFTER(a = realloc(a, 5000)) != 1234)
			return 2;
		if (AFTER((free(a), 1)) != 1234 || AFTER((free(b), 1)) != 1234)
			return 3;
		if (AFTER(malloc(huge)) != ENOMEM)
			return 4;
		if (AFTER(posix_memalign((void **)&a, 3, 8)) != 1234)
			return 5;
		if (AFTER(aligned_alloc(64, huge)) != ENOMEM)
			return 6;
		if (AFTER(munmap((void *)1, 4096)) != EINVAL)
			return 7;
	}
	return 0;
}
