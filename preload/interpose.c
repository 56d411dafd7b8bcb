/*
 * interpose - the allocation functions that the program calls instead.
 *
 * Each calls the next allocator in line and writes what happened: taking
 * memory is recorded after the call, giving it back before, so that another
 * thread that gets the same address is always recorded later. This is the
 * only file that says malloc.
 *
 * A call that comes while the functions behind are still being looked up is
 * the loader's own, and gets a block from the bootstrap arena.
 */
#include "preload/next.h"
#include "preload/record.h"
#include "preload/sample.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* C23's, and one that old programs still call: no header here has them. */
void free_sized(void *p, size_t size);
void free_aligned_sized(void *p, size_t align, size_t size);
void cfree(void *p);

static inline bool is_ready(void)
{
	if (__builtin_expect(next_is_ready(), 1))
		return true;
	next_resolve();
	return next_is_ready();
}

/*
 * Is this the memory that a function further out is about to record? Operator
 * new may ask for a little more than it was asked for, to round up to an
 * alignment, other functions for as much as they like. A failed call withdraws
 * the operator's request: a handler may free something and try again.
 */
static __attribute__((noinline)) bool
is_for_another(const void *p, size_t size, const struct registers *caller)
{
	const size_t rounding = 4096;
	size_t wanted = (guard.requested & ~GUARD_ANY_SIZE) - 1;
	bool any_size = guard.requested & GUARD_ANY_SIZE;

	/* An exception has passed the operator by. */
	if (caller->sp >= guard.requester)
		guard.requested = 0;
	if (!guard.requested || guard.requested == GUARD_TAKEN)
		return false;
	if (!p && !any_size)
		guard.requested = 0;
	else if (p && size >= wanted && (any_size || size - wanted < rounding))
		guard.requested = GUARD_TAKEN;
	return !p || guard.requested == GUARD_TAKEN;
}

/* Is this new block to be recorded, this freed one known? */
static inline bool is_recorded(const void *p, size_t size)
{
	if (__builtin_expect(!agent.sample, 1))
		return true;
	if (guard.thread)
		record_took(guard.thread, p);
	return sample_takes(p, size);
}

static inline bool was_recorded(const void *p)
{
	if (__builtin_expect(!agent.sample, 1))
		return true;
	if (guard.thread)
		record_gave(guard.thread, p);
	return sample_remove(p);
}

static inline void after(const void *p, size_t size,
			 const struct registers *caller)
{
	struct thread *t;

	if (__builtin_expect(guard.requested != 0, 0) &&
	    is_for_another(p, size, caller))
		return;
	if (!p || !is_recorded(p, size))
		return;
	t = record_enter(caller);
	if (t) {
		record_alloc(t, RING_ALLOC, p, size, caller);
		record_leave();
	}
}

/*
 * Allocators may make their functions of one another, and where the calls come
 * back through us the block is recorded once, by who came first: a call that
 * may be made of others asks, and is answered.
 */
struct asker {
	size_t requested; /* before */
	uintptr_t requester;
	bool inside; /* of another's call, which will record the block */
};

static __attribute__((noinline)) void ask_slowly(struct asker *a, size_t size,
						 const struct registers *caller)
{
	a->requested = guard.requested;
	a->requester = guard.requester;
	a->inside = a->requested && a->requested != GUARD_TAKEN &&
		    caller->sp < a->requester;
	if (a->inside)
		return;
	guard.requested = (size + 1) | GUARD_ANY_SIZE;
	guard.requester = caller->sp;
}

static inline void ask(struct asker *a, size_t size,
		       const struct registers *caller)
{
	if (__builtin_expect(next.comes_back, 0))
		ask_slowly(a, size, caller);
}

/* What came from further in than `a` has been passed over. */
static __attribute__((noinline)) bool is_answered(const struct asker *a)
{
	if (a->inside)
		return guard.requested == GUARD_TAKEN;
	guard.requested = a->requested;
	guard.requester = a->requester;
	return false;
}

static inline void answer(const struct asker *a, const void *p, size_t size,
			  const struct registers *caller)
{
	if (__builtin_expect(next.comes_back, 0) && is_answered(a))
		return;
	after(p, size, caller);
}

static inline void before(const void *p, const struct registers *caller)
{
	struct thread *t;

	if (__builtin_expect(p == guard.freed, 0) || !was_recorded(p))
		return;
	t = record_enter(caller);
	if (t) {
		record_free(t, RING_FREE, p);
		record_leave();
	}
}

EXPORT void *malloc(size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (!is_ready())
		return next_bootstrap(size, 16);
	ask(&a, size, &caller);
	p = next.malloc(size);
	answer(&a, p, size, &caller);
	return p;
}

EXPORT void free(void *p)
{
	const struct registers caller = CALLER_REGISTERS();

	if (!p || next_is_bootstrap(p) || !is_ready())
		return;
	before(p, &caller);
	next.free(p);
}

/* C23. The size is the program's claim; the block says the same. */
EXPORT void free_sized(void *p, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();

	if (!p || next_is_bootstrap(p) || !is_ready())
		return;
	before(p, &caller);
	guard.freed = p;
	if (next.free_sized)
		next.free_sized(p, size);
	else
		next.free(p);
	guard.freed = NULL;
}

EXPORT void free_aligned_sized(void *p, size_t align, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();

	if (!p || next_is_bootstrap(p) || !is_ready())
		return;
	before(p, &caller);
	guard.freed = p;
	if (next.free_aligned_sized)
		next.free_aligned_sized(p, align, size);
	else
		next.free(p);
	guard.freed = NULL;
}

EXPORT void cfree(void *p)
{
	const struct registers caller = CALLER_REGISTERS();

	if (!p || next_is_bootstrap(p) || !is_ready())
		return;
	before(p, &caller);
	next.free(p);
}

EXPORT void *calloc(size_t count, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	size_t bytes;
	void *p;

	if (!is_ready()) {
		if (__builtin_mul_overflow(count, size, &bytes))
			return NULL;
		return next_bootstrap(bytes, 16);
	}
	ask(&a, count * size, &caller);
	p = next.calloc(count, size);
	answer(&a, p, count * size, &caller);
	return p;
}

/* What a block of the bootstrap arena held is copied; its size is unknown. */
static void *leave_bootstrap(void *old, size_t size)
{
	const size_t most = 1024;
	void *p = is_ready() ? next.malloc(size) : next_bootstrap(size, 16);

	if (p)
		memcpy(p, old, size < most ? size : most);
	return p;
}

/* Of an old block, whose move or end has been recorded. */
static void *reallocate(void *old, size_t size, const struct registers *caller)
{
	struct asker a;
	void *p;

	if (__builtin_expect(!next.comes_back, 1))
		return next.realloc(old, size);
	ask_slowly(&a, size, caller);
	guard.freed = old;
	p = next.realloc(old, size);
	guard.freed = NULL;
	is_answered(&a);
	return p;
}

/* realloc(p, 0) of glibc is free(p); other allocators give an empty block. */
static void *resize_to_nothing(void *old, const struct registers *caller)
{
	void *p;

	before(old, caller);
	p = reallocate(old, 0, caller);
	after(p, 0, caller);
	return p;
}

/* How a realloc that has begun ends. */
static void record_resized(struct thread *t, const void *p, size_t size,
			   const struct registers *caller)
{
	if (p)
		record_alloc(t, RING_REALLOCATED, p, size, caller);
	else
		record_free(t, RING_NOT_REALLOCATED, NULL);
}

/* In a sample the old block and the new one are each recorded by chance. */
static void *resize_sampled(void *old, size_t size,
			    const struct registers *caller)
{
	bool known = sample_remove(old), takes;
	struct thread *t = known ? record_enter(caller) : NULL;
	void *p;

	if (t) {
		record_free(t, RING_REALLOC, old);
		record_leave();
	}
	p = reallocate(old, size, caller);
	takes = p && is_recorded(p, size);
	t = takes || known ? record_enter(caller) : NULL;
	if (!t)
		return p;
	if (p && !takes)
		record_free(t, RING_FREE, NULL);
	else
		record_resized(t, p, size, caller);
	if (!p)
		sample_add(old);
	record_leave();
	return p;
}

static void *resize(void *old, size_t size, const struct registers *caller)
{
	struct thread *t;
	void *p;

	if (!size)
		return resize_to_nothing(old, caller);
	if (__builtin_expect(agent.sample != 0, 0))
		return resize_sampled(old, size, caller);
	t = record_enter(caller);
	if (t) {
		record_free(t, RING_REALLOC, old);
		record_leave();
	}
	p = reallocate(old, size, caller);
	if (t)
		t = record_enter(caller);
	if (t) {
		record_resized(t, p, size, caller);
		record_leave();
	}
	return p;
}

EXPORT void *realloc(void *old, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (old && next_is_bootstrap(old))
		return leave_bootstrap(old, size);
	if (!is_ready())
		return next_bootstrap(size, 16);
	if (old)
		return resize(old, size, &caller);
	ask(&a, size, &caller);
	p = next.realloc(NULL, size);
	answer(&a, p, size, &caller);
	return p;
}

/* As glibc's, which would reach realloc and be recorded twice. */
EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	if (old && next_is_bootstrap(old))
		return leave_bootstrap(old, bytes);
	if (!is_ready())
		return next_bootstrap(bytes, 16);
	if (old)
		return resize(old, bytes, &caller);
	ask(&a, bytes, &caller);
	p = next.realloc(NULL, bytes);
	answer(&a, p, bytes, &caller);
	return p;
}

EXPORT void *memalign(size_t align, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (!is_ready())
		return next_bootstrap(size, align);
	ask(&a, size, &caller);
	p = next.memalign(align, size);
	answer(&a, p, size, &caller);
	return p;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (!is_ready())
		return next_bootstrap(size, align);
	ask(&a, size, &caller);
	p = next.aligned_alloc(align, size);
	answer(&a, p, size, &caller);
	return p;
}

EXPORT int posix_memalign(void **p, size_t align, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	int error;

	if (!is_ready()) {
		*p = next_bootstrap(size, align);
		return *p ? 0 : ENOMEM;
	}
	ask(&a, size, &caller);
	error = next.posix_memalign(p, align, size);
	answer(&a, error ? NULL : *p, size, &caller);
	return error;
}

EXPORT void *valloc(size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (!is_ready())
		return NULL;
	ask(&a, size, &caller);
	p = next.valloc(size);
	answer(&a, p, size, &caller);
	return p;
}

EXPORT void *pvalloc(size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct asker a;
	void *p;

	if (!is_ready())
		return NULL;
	ask(&a, size, &caller);
	p = next.pvalloc(size);
	answer(&a, p, size, &caller);
	return p;
}
