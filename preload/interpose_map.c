/*
 * interpose_map - memory that the program maps itself: mmap, munmap, mremap,
 * brk and sbrk. Recorded as mappings, apart from the heap. What the C library
 * and the loader map for themselves does not come through here.
 */
#include "preload/next.h"
#include "preload/record.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static size_t whole_pages(size_t size)
{
	const size_t page = 4096;

	return (size + page - 1) & ~(page - 1);
}

static void after(const void *p, size_t size, const struct registers *caller)
{
	struct thread *t = record_enter(caller);

	if (t) {
		record_alloc(t, RING_MAP, p, size, caller);
		record_leave();
	}
}

static void before(const void *p, size_t size, const struct registers *caller)
{
	struct thread *t = record_enter(caller);

	if (t) {
		record_unmap(t, p, size);
		record_leave();
	}
}

/*
 * What is given back by a call that may fail, or take another place, is
 * recorded after it, but as of before: by then another thread may have it.
 */
static void hold(const struct registers *caller)
{
	struct thread *t = record_enter(caller);

	if (t) {
		record_hold(t);
		record_leave();
	}
}

static void let_go(const struct registers *caller)
{
	struct thread *t = record_enter(caller);

	if (t) {
		record_let_go(t);
		record_leave();
	}
}

static bool is_ready(void)
{
	next_resolve();
	return next_is_ready();
}

EXPORT void *mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t offset)
{
	const struct registers caller = CALLER_REGISTERS();
	const long arg[6] = { (long)addr, (long)size, prot, flags, fd, offset };
	void *p;

	if (!is_ready() || !next.mmap)
		return (void *)processor_syscall6(9, arg);
	p = next.mmap(addr, size, prot, flags, fd, offset);
	if (p != MAP_FAILED)
		after(p, whole_pages(size), &caller);
	return p;
}

EXPORT __typeof__(mmap) mmap64 __attribute__((alias("mmap")));

/* Recorded first, as every return of memory is; most do not fail. */
EXPORT int munmap(void *addr, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();

	if (!is_ready())
		return -1;
	if (size && !((uintptr_t)addr & 4095))
		before(addr, whole_pages(size), &caller);
	return next.munmap(addr, size);
}

EXPORT void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	const struct registers caller = CALLER_REGISTERS();
	void *wanted, *p;
	va_list list;

	va_start(list, flags);
	wanted = flags & MREMAP_FIXED ? va_arg(list, void *) : NULL;
	va_end(list);
	if (!is_ready())
		return MAP_FAILED;
	hold(&caller);
	p = next.mremap(old, old_size, size, flags, wanted);
	if (p == MAP_FAILED || !old_size)
		let_go(&caller);
	if (p == MAP_FAILED)
		return p;
	if (old_size)
		before(old, whole_pages(old_size), &caller);
	after(p, whole_pages(size), &caller);
	return p;
}

static void moved_break(uintptr_t from, uintptr_t to,
			const struct registers *caller)
{
	if (to > from)
		after((void *)from, to - from, caller);
	else if (to < from)
		before((void *)to, from - to, caller);
}

EXPORT int brk(void *end)
{
	const struct registers caller = CALLER_REGISTERS();
	uintptr_t from;
	int ret;

	if (!is_ready())
		return -1;
	from = (uintptr_t)next.sbrk(0);
	if ((uintptr_t)end < from)
		hold(&caller);
	ret = next.brk(end);
	if (!ret)
		moved_break(from, (uintptr_t)end, &caller);
	else
		let_go(&caller);
	return ret;
}

EXPORT void *sbrk(intptr_t change)
{
	const struct registers caller = CALLER_REGISTERS();
	void *from;

	if (!is_ready())
		return (void *)-1;
	if (change < 0)
		hold(&caller);
	from = next.sbrk(change);
	if (from == (void *)-1)
		let_go(&caller);
	else if (change)
		moved_break((uintptr_t)from,
			    (uintptr_t)from + (uintptr_t)change, &caller);
	return from;
}
