/*
 * interpose_new - C++'s operator new and delete, in all their forms.
 *
 * libstdc++'s and libc++'s operators call malloc and free, which are recorded
 * there, so these only pass the call on. But allocators that bring operators
 * of their own (tcmalloc, jemalloc, mimalloc) do not go through malloc: then
 * the call is recorded here. Which it is, is decided once: whoever defines
 * both the next operator new and the next malloc has operators of its own.
 *
 * Nothing here is on the stack while an exception passes but the call itself,
 * so std::bad_alloc goes through unharmed.
 *
 * A C++ runtime that comes by dlopen is not behind us in the search order: it
 * is looked for by name when the first call finds nothing.
 */
#include "preload/next.h"
#include "preload/record.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

enum operator_state {
	OPERATORS_UNKNOWN,
	OPERATORS_PASS, /* they call malloc and free */
	OPERATORS_OWN, /* they are an allocator's own */
};

static _Atomic int operators;

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

static int find_out(void)
{
	struct dl_find_object new_in, malloc_in;
	void *function = next_find("_Znwm");
	int found = OPERATORS_PASS;

	if (function && next.malloc && !_dl_find_object(function, &new_in) &&
	    !_dl_find_object((void *)next.malloc, &malloc_in) &&
	    new_in.dlfo_map_start == malloc_in.dlfo_map_start)
		found = OPERATORS_OWN;
	atomic_store_explicit(&operators, found, memory_order_relaxed);
	return found;
}

static inline bool are_own(void)
{
	int known = atomic_load_explicit(&operators, memory_order_relaxed);

	return (known ? known : find_out()) == OPERATORS_OWN;
}

static void after(const void *p, size_t size, const struct registers *caller)
{
	struct thread *t = p && are_own() ? record_enter(caller) : NULL;

	if (t) {
		record_alloc(t, RING_ALLOC, p, size, caller);
		record_leave();
	}
}

static void before(const void *p, const struct registers *caller)
{
	struct thread *t = p && are_own() ? record_enter(caller) : NULL;

	if (t) {
		record_free(t, RING_FREE, p);
		record_leave();
	}
}

/* The parameters after the first; each operator has one such list. */
#define NEW(symbol, parameters, arguments)                                     \
	EXPORT void *symbol parameters;                                        \
	EXPORT void *symbol parameters                                         \
	{                                                                      \
		static _Atomic(void *) known;                                  \
		const struct registers caller = CALLER_REGISTERS();            \
		void *(*function)parameters = find(&known, #symbol);           \
		void *p = function arguments;                                  \
                                                                               \
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
