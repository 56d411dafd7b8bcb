/*
 * python_objects - see python_objects.h.
 *
 * Which way a call takes behind us is only known afterwards: the allocator may
 * be pymalloc, malloc, or tracemalloc or a debugging one before either. So what
 * was recorded meanwhile is looked at: t->took is the first block, and t->giving
 * is emptied by the free of the one that we are about. A debugging allocator
 * gives an address a little inside of its block. That frees and moves are
 * recorded after the call is no matter: the GIL is held, so nobody else is
 * given the address in between.
 *
 * A block that outgrows the pools is moved by a malloc inside of the call. It
 * is recorded there as what it is, a realloc: t->moving.
 */
#include "preload/python_objects.h"
#include "preload/memory.h"
#include "preload/python.h"
#include "preload/python_api.h"
#include "preload/python_gc.h"
#include "preload/record.h"
#include "preload/sample.h"

enum {
	HOOKS = 8, /* times we can go in front */
	INSIDE = 64, /* a block begins so far before its address at most */
	POOLED = 480, /* bytes: from here on malloc may be asked */
};

static const int numbers[] = { PYTHON_MEM, PYTHON_OBJ };

enum {
	DOMAINS = sizeof(numbers) / sizeof(*numbers),
};

/* Of each time; who was pushed aside may still be called by another. */
static struct python_allocator behind[HOOKS];
static int hooks;

bool python_objects_wanted;

static _Atomic uint32_t calls; /* counted while python_objects_are_hooked() */
static bool counting;

static bool is_about(uintptr_t recorded, const void *p)
{
	return recorded && (uintptr_t)p - recorded <= INSIDE;
}

static inline bool is_recorded(const void *p, size_t size)
{
	return __builtin_expect(!agent.sample, 1) || sample_takes(p, size);
}

static inline void poll_interpreter(void)
{
	if (__builtin_expect(python_state_now() != PYTHON_ON, 0))
		python_poll();
	if (__builtin_expect(counting, 0))
		atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
}

/* NULL: it has not recorded anything yet, since it was last attached to. */
static inline struct thread *own_thread(void)
{
	struct thread *t = guard.thread;

	return __builtin_expect(t && thread_is_own(t), 1) ? t : NULL;
}

static inline void before(void)
{
	struct thread *t = own_thread();

	if (t)
		t->took = 0;
}

static inline void after(void *p, size_t size, const struct registers *caller)
{
	struct thread *t = own_thread();

	poll_interpreter();
	if (!p || !python_objects_wanted || (t && is_about(t->took, p)) ||
	    !is_recorded(p, size))
		return;
	t = record_enter(caller);
	if (t) {
		record_object(t, RING_OBJECT, p, size, caller);
		record_leave();
	}
}

static void *hook_malloc(void *ctx, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	const struct python_allocator *next = ctx;
	void *p;

	before();
	p = next->malloc(next->ctx, size);
	after(p, size, &caller);
	return p;
}

static void *hook_calloc(void *ctx, size_t count, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	const struct python_allocator *next = ctx;
	void *p;

	before();
	p = next->calloc(next->ctx, count, size);
	after(p, count * size, &caller);
	return p;
}

static void gave(const void *p, const struct registers *caller)
{
	struct thread *t;

	if (agent.sample && !sample_remove(p))
		return;
	t = record_enter(caller);
	if (t) {
		record_free(t, RING_FREE, p);
		record_leave();
	}
}

static void hook_free(void *ctx, void *p)
{
	const struct registers caller = CALLER_REGISTERS();
	const struct python_allocator *next = ctx;
	struct thread *t = own_thread();

	if (t)
		t->giving = (uintptr_t)p;
	next->free(next->ctx, p);
	if (p && (!t || t->giving) && python_objects_wanted)
		gave(p, &caller);
	if (t)
		t->giving = 0;
	if (__builtin_expect(python_gc_end_wanted, 0))
		python_gc_look_at_end();
}

/* In a sample the old block and the new one are each recorded by chance. */
static void moved_sampled(void *old, void *p, size_t size,
			  const struct registers *caller)
{
	struct thread *t;

	if (sample_remove(old)) {
		t = record_enter(caller);
		if (t) {
			record_free(t, RING_FREE, old);
			record_leave();
		}
	}
	if (sample_takes(p, size)) {
		t = record_enter(caller);
		if (t) {
			record_object(t, RING_OBJECT, p, size, caller);
			record_leave();
		}
	}
}

/* From pool to pool, or within one. */
static void moved(void *old, void *p, size_t size,
		  const struct registers *caller)
{
	struct thread *t;

	if (agent.sample) {
		moved_sampled(old, p, size, caller);
		return;
	}
	t = record_enter(caller);
	if (t) {
		record_free(t, RING_REALLOC, old);
		record_object(t, RING_OBJECT_MOVED, p, size, caller);
		record_leave();
	}
}

static void *hook_realloc(void *ctx, void *old, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	const struct python_allocator *next = ctx;
	struct thread *t = own_thread();
	void *p;

	before();
	if (t && old && size > POOLED && !agent.sample)
		t->moving = (uintptr_t)old;
	p = next->realloc(next->ctx, old, size);
	if (!old) {
		after(p, size, &caller);
		return p;
	}
	poll_interpreter();
	if (t)
		t->moving = 0;
	if (p && python_objects_wanted && !(t && is_about(t->took, p)))
		moved(old, p, size, &caller);
	return p;
}

static void hook(int number)
{
	struct python_allocator own = { .malloc = hook_malloc,
					.calloc = hook_calloc,
					.realloc = hook_realloc,
					.free = hook_free };

	if (hooks == HOOKS)
		return;
	own.ctx = &behind[hooks];
	python_api.PyMem_GetAllocator(number, &behind[hooks++]);
	python_api.PyMem_SetAllocator(number, &own);
}

/* Not by a comparison: who stands before us may call us. */
static bool is_hooked(int number)
{
	struct python_allocator top;
	uint32_t count = atomic_load_explicit(&calls, memory_order_relaxed);
	void *p;

	python_api.PyMem_GetAllocator(number, &top);
	p = top.malloc(top.ctx, 8);
	top.free(top.ctx, p);
	return atomic_load_explicit(&calls, memory_order_relaxed) != count;
}

void python_objects_hook(void)
{
	counting = true;
	for (int i = 0; i < DOMAINS; i++) {
		if (!hooks || i >= hooks || !is_hooked(numbers[i]))
			hook(numbers[i]);
	}
	counting = false;
}

/* Is it us, or tracemalloc, whose `ctx` is who stood there before? */
static bool seems_hooked(int number)
{
	const uintptr_t own = (uintptr_t)hook_malloc;
	struct python_allocator top;
	uintptr_t at;

	python_api.PyMem_GetAllocator(number, &top);
	at = (uintptr_t)top.ctx + offsetof(struct python_allocator, malloc);
	return (uintptr_t)top.malloc == own ||
	       (top.ctx && memory_is_readable(at) &&
		*(const uintptr_t *)at == own);
}

void python_objects_hook_early(void)
{
	for (int i = 0; i < DOMAINS && !agent.sandboxed; i++) {
		if (!seems_hooked(numbers[i]))
			hook(numbers[i]);
	}
}

void python_objects_forget(void)
{
	hooks = 0;
}
