/*
 * spare - see spare.h.
 *
 * A thread that was held up while it recorded goes on with the memory that it
 * knows, whenever that may be: where processors are few, several attachments
 * later, when one memprof after the other was killed. So nothing is unmapped,
 * and nothing is emptied before each of its threads has been seen outside of
 * the agent: that one has lost its place, and comes in by thread_attach().
 * A thread says that it is inside in its own thread-local storage, where it
 * costs it nothing to be seen; that may be gone with the thread, so it is read
 * by a system call that can not fault. When somebody stays inside, the next
 * attachment has fresh memory, and this waits for one after it.
 */
#include "preload/spare.h"
#include "preload/record.h"
#include "preload/sandbox.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

enum {
	SPARES = 8, /* more are forgotten: address space is lost */
	LOOKS = 50, /* a millisecond apart */
};

static struct spare spares[SPARES];

void spare_give(const struct spare *s)
{
	struct spare *place = &spares[0];
	uint32_t threads = atomic_load_explicit(&s->ring->header.threads,
						memory_order_relaxed);

	atomic_fetch_add_explicit(&agent.detached, 1, memory_order_relaxed);
	/* Pairs with take_place() in thread.c. */
	atomic_thread_fence(memory_order_seq_cst);
	if (threads > RING_THREADS)
		threads = RING_THREADS;
	for (uint32_t i = 0; i < threads; i++) {
		struct thread *t = &s->local->thread[i];

		if (t->owner)
			t->former = t->owner;
		t->owner = 0;
	}
	for (size_t i = 0; i < SPARES && place->ring; i++)
		place = &spares[i];
	*place = *s;
	place->threads = threads;
}

/* Is the thread of that thread pointer between enter and leave? */
static bool is_inside(uintptr_t owner)
{
	const uintptr_t offset = (uintptr_t)&guard.holder -
				 (uintptr_t)__builtin_thread_pointer();
	uintptr_t holder = 0;
	const struct iovec here = { &holder, sizeof(holder) };
	const struct iovec there = { (void *)(owner + offset), sizeof(holder) };
	const long arg[6] = {
		processor_syscall(SYS_getpid, 0, 0, 0, 0),
		(long)&here,
		1,
		(long)&there,
		1,
		0,
	};
	long n = processor_syscall6(SYS_process_vm_readv, arg);

	/* No memory there: the thread has ended. */
	return n != -EFAULT && (n != sizeof(holder) || holder);
}

/* Who was seen outside is not looked at again. */
static bool is_quiet(const struct spare *s)
{
	bool quiet = true;

	for (uint32_t i = 0; i < s->threads; i++) {
		struct thread *t = &s->local->thread[i];

		if (t->former && is_inside(t->former))
			quiet = false;
		else
			t->former = 0;
	}
	return quiet;
}

/* A spare that is quiet; `all` is whether each of them is. */
static struct spare *look(bool *all)
{
	struct spare *found = NULL;

	*all = true;
	for (size_t i = 0; i < SPARES; i++) {
		if (!spares[i].ring)
			continue;
		if (is_quiet(&spares[i]))
			found = &spares[i];
		else
			*all = false;
	}
	return found;
}

bool spare_take(struct spare *s)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	struct spare *found;
	bool all;

	/* A filter may have forbidden what follows. */
	if (sandbox_depth())
		return false;
	/* Who still sees its place is seen to be inside; else it sees none. */
	if (processor_syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0, 0))
		return false;
	found = look(&all);
	/* The table of rules is emptied next, which they share. */
	for (int i = 0; i < LOOKS && !all; i++) {
		processor_syscall(SYS_nanosleep, (long)&nap, 0, 0, 0);
		found = look(&all);
	}
	if (!found)
		return false;
	*s = *found;
	found->ring = NULL;
	return true;
}
