/*
 * memory - which addresses of a stack may be read.
 *
 * A thread's own stack is known from where its thread control block lies, or
 * for the main thread from the loader. Any other stack that code is found on
 * (alternate signal stacks, coroutines) is probed page by page, by asking the
 * kernel to read from it; not in a sandbox, where that may be deadly.
 */
#ifndef MEMPROF_PRELOAD_MEMORY_H
#define MEMPROF_PRELOAD_MEMORY_H

#include "preload/agent.h"

/* The stack that `sp` lies in. Empty when nothing may be read there. */
struct extent memory_stack_of(struct thread *t, uintptr_t sp);

/* May [addr, addr + 8) be read? Grows `t->other` and `stack` as it finds. */
bool memory_grow(struct thread *t, struct extent *stack, uintptr_t addr);

/* May the word at `addr` be read? Not to be asked in a sandbox. */
bool memory_is_readable(uintptr_t addr);

/* Is this a handler on a stack of its own? Not to be told in a sandbox. */
bool memory_is_signal_stack(void);

#endif
