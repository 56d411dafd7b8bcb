/*
 * memory - see memory.h.
 *
 * The probe is rt_sigprocmask with a `how` that does not exist: the kernel
 * copies the set first, so it answers EFAULT for memory that can not be read
 * and EINVAL for memory that can, and changes nothing.
 */
#include "preload/memory.h"

#include <errno.h>
#include <sys/syscall.h>

enum {
	PAGE = 4096,
	PROBE_MAX = 64, /* pages in a row without meeting the one asked for */
};

static bool is_readable(uintptr_t addr)
{
	const long no_such_how = 99;

	return processor_syscall(SYS_rt_sigprocmask, no_such_how, (long)addr, 0,
				 8) == -EINVAL;
}

static bool extent_holds(const struct extent *e, uintptr_t addr)
{
	return addr >= e->low && addr < e->high;
}

/* glibc puts a thread's control block at the top of its stack. */
static struct extent own_stack(uintptr_t sp)
{
	uintptr_t tcb = (uintptr_t)__builtin_thread_pointer();
	size_t size =
		atomic_load_explicit(&agent.stack_size, memory_order_relaxed);

	if (extent_holds(&agent.main_stack, sp))
		return agent.main_stack;
	if (sp < tcb && tcb - sp < size)
		return (struct extent){ tcb - size, tcb };
	return (struct extent){ 0, 0 };
}

struct extent memory_stack_of(struct thread *t, uintptr_t sp)
{
	uintptr_t page = sp & ~(uintptr_t)(PAGE - 1);

	if (extent_holds(&t->own, sp))
		return t->own;
	if (extent_holds(&t->other, sp))
		return t->other;
	t->own = own_stack(sp);
	if (t->own.high)
		return t->own;
	if (agent.sandboxed || !is_readable(page))
		return (struct extent){ 0, 0 };
	t->other = (struct extent){ page, page + PAGE };
	return t->other;
}

bool memory_grow(struct thread *t, struct extent *stack, uintptr_t addr)
{
	if (stack->high != t->other.high || agent.sandboxed ||
	    addr < stack->low)
		return false;
	for (int i = 0; i < PROBE_MAX && addr + 8 > t->other.high; i++) {
		if (!is_readable(t->other.high))
			return false;
		t->other.high += PAGE;
	}
	*stack = t->other;
	return addr + 8 <= stack->high;
}
