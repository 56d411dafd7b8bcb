/*
 * attach - stand before the allocator in a program that is running already.
 *
 * An agent that was loaded late is found by nobody: the program's calls are
 * bound. Each of its modules has a table of the addresses that it calls and
 * keeps, filled in by the loader; where it holds a function that the agent has
 * a wrapper for, the wrapper's address is put there, with one store of a word,
 * and to detach the function's is put back the same way. No code is changed,
 * and no thread need be stopped: one that is inside either function returns
 * as it came.
 *
 * Not seen so are calls that go by a pointer which the program stored itself,
 * and what the loader allocates for itself.
 */
#ifndef MEMPROF_PRELOAD_ATTACH_H
#define MEMPROF_PRELOAD_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

/* Libraries may come: then look for their tables, at the next good moment. */
void attach_expect_modules(void);

/* Is this the moment? Takes the loader's lock: not from within malloc. */
void attach_look(void);

/* A function of the program's and the wrapper for it. */
struct attach_hook {
	const char *name;
	uintptr_t wrapper, original; /* original: 0 the program has none */
};

/* Look the originals up. */
void attach_hooks_start(void);
/* By name; NULL none. */
const struct attach_hook *attach_hook_find(const char *name);

struct attach_count {
	uint32_t done, missed;
};

/*
 * Go through the tables of all modules: put the wrappers in, or the originals
 * back. Under the loader's lock; `wanted` is asked once it is held.
 */
struct attach_count attach_slots(bool put_in, bool (*wanted)(void));

#endif
