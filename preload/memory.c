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

bool memory_is_readable(uintptr_t addr)
{
	const long no_such_how = 99;

	return processor_syscall(SYS_rt_sigprocmask, no_such_how, (long)addr, 0,
				 8) == -EINVAL;
}

static bool extent_holds(const struct extent *e, uintptr_t addr)
{
	return addr >= e->low && addr < e->high;
}

/* Is all from `low` up to `high` mapped and readable? Both on pages. */
static bool is_contiguous(uintptr_t low, uintptr_t high)
{
	const uintptr_t most = 16UL << 20;

	if (high - low > most)
		return false;
	while (low < high && memory_is_readable(low))
		low += PAGE;
	return low >= high;
}

/*
 * The stack that the thread was started on: glibc puts its control block at
 * the top. How far down it goes is not known, and other stacks may lie below,
 * so only what was found to be in one piece with the top counts.
 */
static bool find_own(struct thread *t, uintptr_t sp)
{
	uintptr_t tcb = (uintptr_t)__builtin_thread_pointer();
	uintptr_t page = sp & ~(uintptr_t)(PAGE - 1);
	uintptr_t known = t->own.high == tcb ? t->own.low
					     : (tcb & ~(uintptr_t)(PAGE - 1));
	size_t size =
		atomic_load_explicit(&agent.stack_size, memory_order_relaxed);

	if (extent_holds(&agent.main_stack, sp)) {
		t->own = agent.main_stack;
		return true;
	}
	if (sp >= tcb || tcb - sp >= size)
		return false;
	if (!agent.sandboxed && !is_contiguous(page, known))
		return false;
	t->own = (struct extent){ page, tcb };
	return true;
}

struct extent memory_stack_of(struct thread *t, uintptr_t sp)
{
	uintptr_t page = sp & ~(uintptr_t)(PAGE - 1);

	if (extent_holds(&t->own, sp))
		return t->own;
	if (extent_holds(&t->other, sp))
		return t->other;
	if (find_own(t, sp))
		return t->own;
	t->other = (struct extent){ 0, 0 };
	if (!agent.sandboxed && memory_is_readable(page))
		t->other = (struct extent){ page, page + PAGE };
	return t->other;
}

bool memory_grow(struct thread *t, struct extent *stack, uintptr_t addr)
{
	if (stack->high != t->other.high || agent.sandboxed ||
	    addr < stack->low)
		return false;
	for (int i = 0; i < PROBE_MAX && addr + 8 > t->other.high; i++) {
		if (!memory_is_readable(t->other.high))
			return false;
		t->other.high += PAGE;
	}
	*stack = t->other;
	return addr + 8 <= stack->high;
}

bool memory_is_signal_stack(void)
{
	/* stack_t; and SS_ONSTACK, by the kernel's <asm/signal.h> */
	struct {
		void *sp;
		int flags;
		size_t size;
	} stack = { .flags = 1 };

	if (!agent.sandboxed)
		processor_syscall(SYS_sigaltstack, 0, (long)&stack, 0, 0);
	return stack.flags & 1;
}
