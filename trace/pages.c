/*
 * pages - see pages.h.
 */
#include "trace/pages.h"

#include <stdint.h>
#include <sys/mman.h>

#include "trace/xmalloc.h"

enum {
	PAGE = 4096,
	LARGE = 4 << 20, /* what is smaller would only take more */
};

void pages_are_large(void *p, size_t size)
{
	size_t skip = -(uintptr_t)p % PAGE;

	if (size >= LARGE)
		madvise((char *)p + skip, size - skip, MADV_HUGEPAGE);
}

void *pages_take(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		xmalloc_failed();
	pages_are_large(p, size);
	return p;
}

void pages_give(void *pages, size_t size)
{
	if (pages)
		munmap(pages, size);
}

void pages_forget(void *pages, size_t size)
{
	madvise(pages, size, MADV_DONTNEED);
}
