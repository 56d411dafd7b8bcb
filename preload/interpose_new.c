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
 * A C++ runtime that comes by dlopen is not behind us in the search order: it
 * is looked for by name when the first call finds nothing.
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

/* Find once; a program that calls an operator has one somewhere. */
static void *find(_Atomic(void *) *known, const char *name)
{
	void *function = atomic_load_explicit(known, memory_order_relaxed);

	if (__builtin_expect(function != NULL, 1))
		return function;
	next_resolve();
	function = next_find(name);
	if (!function)
		function = find_in_runtime(name);
	if (!function)
		abort();
	atomic_store_explicit(known, function, memory_order_relaxed);
	return function;
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

#define NEW(symbol, parameters, arguments)                                     \
	EXPORT void *symbol parameters;                                        \
	EXPORT void *symbol parameters                                         \
	{                                                                      \
		static _Atomic(void *) known;                                  \
		const struct registers caller = CALLER_REGISTERS();            \
		void *(*function)parameters = find(&known, #symbol);           \
		void *p;                                                       \
                                                                               \
		/* operator new[] calls operator new. */                       \
		if (guard.requested == size + 1 &&                             \
		    caller.sp < guard.requester)                               \
			return function arguments;                             \
		guard.requested = size + 1;                                    \
		guard.requester = caller.sp;                                   \
		p = function arguments;                                        \
		after(p, size, &caller);                                       \
		return p;                                                      \
	}

#define DELETE(symbol, parameters, arguments)                                  \
	EXPORT void symbol parameters;                                         \
	EXPORT void symbol parameters                                          \
	{                                                                      \
		static _Atomic(void *) known;                                  \
		const struct registers caller = CALLER_REGISTERS();            \
		void(*function) parameters = find(&known, #symbol);            \
                                                                               \
		before(p, &caller);                                            \
		function arguments;                                            \
		guard.freed = NULL;                                            \
	}

/* Itanium C++ ABI: m size, St11align_val_t alignment, RKSt9nothrow_t nothrow. */
NEW(_Znwm, (size_t size), (size))
NEW(_Znam, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnamRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnwmSt11align_val_t, (size_t size, size_t align), (size, align))
NEW(_ZnamSt11align_val_t, (size_t size, size_t align), (size, align))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t,
    (size_t size, size_t align, const void *tag), (size, align, tag))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t,
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
