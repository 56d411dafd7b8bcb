/*
 * verify - compare captured stacks with libunwind's, for tests.
 *
 * On when the ring asks for it (MEMPROF_VERIFY=N: every Nth capture). libunwind
 * sits in a library of its own, loaded then only.
 */
#ifndef MEMPROF_PRELOAD_VERIFY_H
#define MEMPROF_PRELOAD_VERIFY_H

#include "preload/stack.h"

/* Load the oracle, when asked for. */
void verify_start(void);

/* Compare, when it is this capture's turn. */
void verify_capture(struct thread *t, const struct capture *c,
		    const struct registers *caller);

/*
 * The oracle: up to `max` return addresses, innermost first, from `caller`
 * on. Two stacks may be read: a signal handler may have one of its own. Gives
 * how many.
 */
typedef size_t verify_oracle(const struct registers *caller,
			     const struct extent stacks[2], uintptr_t *pc,
			     size_t max);

#endif
