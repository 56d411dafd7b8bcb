/*
 * interpose_new - C++'s operator new and delete, in all their forms.
 *
 * The operators of libstdc++ and libc++ call malloc and free, those of
 * allocators that bring their own (tcmalloc, jemalloc, mimalloc) mostly do
 * not. Either way the block is recorded here, with the size that was asked for
 * and the stack of who asked, and the call to malloc or free that comes from
 * inside is passed over: guard.requested and guard.freed tell their wrappers.
 *
 * An operator that throws std::bad_alloc leaves its request behind, where no
 * malloc inside has failed and withdrawn it. So a request counts for calls from
 * further in than where it came from, and nobody else.
 *
 * A C++ runtime that comes by dlopen is not behind us in the search order, and
 * to look for it would need the loader, which may be busy with what called us.
 * Its operators are malloc and free with an exception, so those serve, and the
 * runtime is only looked for when there is no memory.
 */
#include "preload/next.h"
#include "preload/record.h"
#include "preload/sample.h"

#include <dlfcn.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

static void *find_in_runtime(const char *name)
{
	static const char *const runtimes[] = {
		"libstdc++.so.6",
		"libc++.so.1",
		"libc++abi.so.1",
	};

	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
		void *handle = dlopen(runtimes[i], RTLD_LAZY | RTLD_NOLOAD);
		void *function = handle ? dlsym(handle, name) : NULL;

		if (function)
			return function;
	}
	return NULL;
}

/* An operator of ours, and the one behind it. */
struct next_operator {
	const char *name;
	_Atomic(void *) function; /* NULL: none was there at the start */
};

/* All of them stand in a section of their own, one behind the other. */
#define OPERATOR(symbol)                                                       \
	static struct next_operator op __attribute__((                         \
		section("memprof_operators"), used)) = { .name = #symbol }

extern struct next_operator __start_memprof_operators[]
	__attribute__((visibility("hidden")));
extern struct next_operator __stop_memprof_operators[]
	__attribute__((visibility("hidden")));

void interpose_new_start(void)
{
	for (struct next_operator *op = __start_memprof_operators;
	     op < __stop_memprof_operators; op++)
		atomic_store_explicit(&op->function, next_find(op->name),
				      memory_order_relaxed);
}

/*
 * The loader is only asked at the start: later one may wait for us with the
 * loader's lock held.
 */
static void *find(struct next_operator *op)
{
	if (__builtin_expect(!next_is_ready(), 0))
		next_resolve();
	return atomic_load_explicit(&op->function, memory_order_relaxed);
}

/* operator new[] calls operator new, and an allocator's malloc might. */
static inline bool is_asked_for(size_t size, const struct registers *caller)
{
	return (guard.requested == size + 1 ||
		(guard.requested & GUARD_ANY_SIZE &&
		 guard.requested != GUARD_TAKEN)) &&
	       caller->sp < guard.requester;
}

/* What operator new does, but for its exception. */
static void *allocate(size_t size, size_t align)
{
	size_t bytes = size ? size : 1;

	if (!align)
		return next.malloc(bytes);
	if (bytes > SIZE_MAX - align)
		return NULL;
	return next.aligned_alloc(align, (bytes + align - 1) & -align);
}

/* False: a malloc after the first had failed has been recorded instead. */
static bool request_stands(void)
{
	bool stands = guard.requested != 0;

	guard.requested = 0;
	return stands;
}

static void after(const void *p, size_t size, const struct registers *caller)
{
	struct thread *t;

	if (!request_stands() || !p || (agent.sample && !sample_takes(p, size)))
		return;
	t = record_enter(caller);
	if (t) {
		record_alloc(t, RING_ALLOC, p, size, caller);
		record_leave();
	}
}

static void before(const void *p, const struct registers *caller)
{
	struct thread *t;

	/* operator delete[] calls operator delete. */
	if (p == guard.freed || (agent.sample && !sample_remove(p)))
		return;
	t = record_enter(caller);
	if (t) {
		record_free(t, RING_FREE, p);
		record_leave();
	}
	guard.freed = p;
}

#define NEW(symbol, alignment, parameters, arguments)                          \
	EXPORT void *symbol parameters;                                        \
	EXPORT void *symbol parameters                                         \
	{                                                                      \
		OPERATOR(symbol);                                              \
		const struct registers caller = CALLER_REGISTERS();            \
		void *(*function)parameters = find(&op);                       \
		void *p;                                                       \
                                                                               \
		if (is_asked_for(size, &caller) && function)                   \
			return function arguments;                             \
		/* Nobody can have as much as has the mark in its size. */     \
		guard.requested = (size + 1) & ~GUARD_ANY_SIZE;                \
		guard.requester = caller.sp;                                   \
		p = function ? function arguments : allocate(size, alignment); \
		after(p, size, &caller);                                       \
		if (p || function)                                             \
			return p;                                              \
		/* The runtime has an exception, or a handler, for this. */    \
		function = find_in_runtime(op.name);                           \
		return function ? function arguments : NULL;                   \
	}

#define DELETE(symbol, parameters, arguments)                                  \
	EXPORT void symbol parameters;                                         \
	EXPORT void symbol parameters                                          \
	{                                                                      \
		OPERATOR(symbol);                                              \
		const struct registers caller = CALLER_REGISTERS();            \
		void(*function) parameters = find(&op);                        \
                                                                               \
		before(p, &caller);                                            \
		if (function)                                                  \
			function arguments;                                    \
		else                                                           \
			next.free(p);                                          \
		guard.freed = NULL;                                            \
	}

/* Itanium C++ ABI: m size, St11align_val_t alignment, RKSt9nothrow_t nothrow. */
NEW(_Znwm, 0, (size_t size), (size))
NEW(_Znam, 0, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, 0, (size_t size, const void *tag), (size, tag))
NEW(_ZnamRKSt9nothrow_t, 0, (size_t size, const void *tag), (size, tag))
NEW(_ZnwmSt11align_val_t, align, (size_t size, size_t align), (size, align))
NEW(_ZnamSt11align_val_t, align, (size_t size, size_t align), (size, align))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, align,
    (size_t size, size_t align, const void *tag), (size, align, tag))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, align,
    (size_t size, size_t align, const void *tag), (size, align, tag))

DELETE(_ZdlPv, (void *p), (p))
DELETE(_ZdaPv, (void *p), (p))
DELETE(_ZdlPvm, (void *p, size_t size), (p, size))
DELETE(_ZdaPvm, (void *p, size_t size), (p, size))
DELETE(_ZdlPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdaPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdlPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdaPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdlPvmSt11align_val_t, (void *p, size_t size, size_t align),
       (p, size, align))
DELETE(_ZdaPvmSt11align_val_t, (void *p, size_t size, size_t align),
       (p, size, align))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t,
       (void *p, size_t align, const void *tag), (p, align, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t,
       (void *p, size_t align, const void *tag), (p, align, tag))
