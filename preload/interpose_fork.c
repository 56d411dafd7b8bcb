/*
 * interpose_fork - a fork by a signal handler that interrupted the agent.
 *
 * The child goes on with the record that was being written, but the memory
 * that this takes has been emptied, and the chunk is its parent's. So the
 * threads are copied before the fork and put back in the child, where private
 * memory takes the place of the ring: what is left to write goes nowhere, and
 * the child is not recorded, which is counted.
 *
 * All other forks are none of our business: agent.h says how they are noticed.
 * One by an instruction of the handler's own is not seen here.
 */
#include "preload/interpose_fork.h"
#include "preload/next.h"
#include "preload/record.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define EXPORT __attribute__((visibility("default")))

enum {
	PAGES = 4 * AGENT_STACK_PAGES, /* of one thread, at most */
	COUNTERS = offsetof(struct local, pages), /* from there to its end */
	COUNTERS_SIZE = sizeof(struct local) - COUNTERS,
};

/* What of `local` the interrupted thread may be using. */
struct copy {
	size_t size; /* of this, mapped */
	size_t threads;
	char counters[COUNTERS_SIZE];
	struct frame_page *page[PAGES]; /* where they are */
	size_t pages;
	struct thread thread[]; /* then the pages */
};

static char *copied_page(struct copy *c, size_t i)
{
	return (char *)&c->thread[c->threads] + i * sizeof(struct frame_page);
}

static size_t list_pages(const struct thread *t, struct frame_page **page)
{
	size_t n = 0;

	for (size_t i = 0; t && i < AGENT_STACK_PAGES; i++) {
		if (t->stack[i])
			page[n++] = t->stack[i];
		if (t->fresh[i])
			page[n++] = t->fresh[i];
	}
	for (size_t i = 0; t && i < 2 * AGENT_STACK_PAGES; i++) {
		if (t->python.page[i])
			page[n++] = (struct frame_page *)t->python.page[i];
	}
	return n;
}

static struct copy *map_copy(size_t size)
{
	const long arg[6] = { 0,
			      (long)size,
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS,
			      -1,
			      0 };
	long map = processor_syscall6(SYS_mmap, arg);

	return map < 0 && map > -4096 ? NULL : (struct copy *)map;
}

/* NULL when there is no memory: the child is on its own then. */
static struct copy *save(void)
{
	size_t threads = atomic_load_explicit(&agent.ring->header.threads,
					      memory_order_relaxed);
	size_t size;
	struct copy *c;

	if (threads > RING_THREADS)
		threads = RING_THREADS;
	size = sizeof(*c) + threads * sizeof(struct thread) +
	       PAGES * sizeof(struct frame_page);
	c = map_copy(size);
	if (!c)
		return NULL;
	c->size = size;
	c->threads = threads;
	memcpy(c->counters, (char *)agent.local + COUNTERS, COUNTERS_SIZE);
	memcpy(c->thread, agent.local->thread, threads * sizeof(struct thread));
	c->pages = list_pages(guard.thread, c->page);
	for (size_t i = 0; i < c->pages; i++)
		memcpy(copied_page(c, i), c->page[i], sizeof(*c->page[i]));
	return c;
}

static void restore(struct copy *c)
{
	memcpy((char *)agent.local + COUNTERS, c->counters, COUNTERS_SIZE);
	memcpy(agent.local->thread, c->thread,
	       c->threads * sizeof(struct thread));
	for (size_t i = 0; i < c->pages; i++)
		memcpy(c->page[i], copied_page(c, i), sizeof(*c->page[i]));
}

static void count_child(void)
{
	struct ring_header *header = &agent.ring->header;

	if (!(header->flags & RING_FOLLOW)) {
		atomic_fetch_add_explicit(&header->unfollowed, 1,
					  memory_order_relaxed);
		return;
	}
	atomic_fetch_add_explicit(&header->interrupted, 1,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&header->lost, 1, memory_order_relaxed);
}

static long forked(struct copy *c, long pid)
{
	int saved_errno = errno;

	if (!pid) {
		count_child();
		atomic_store_explicit(&agent.state, AGENT_OFF,
				      memory_order_relaxed);
		if (c)
			restore(c);
		agent_detach();
	}
	if (c)
		processor_syscall(SYS_munmap, (long)c, (long)c->size, 0, 0);
	errno = saved_errno;
	return pid;
}

/* In a sandbox a further system call may be deadly. */
static bool is_at_risk(const struct registers *caller)
{
	return guard.holder && !agent.sandboxed &&
	       record_is_interrupted(caller);
}

static pid_t fork_by(pid_t (*function)(void))
{
	struct copy *c = save();

	return (pid_t)forked(c, function());
}

EXPORT pid_t fork(void)
{
	const struct registers caller = CALLER_REGISTERS();

	next_resolve();
	return is_at_risk(&caller) ? fork_by(next.fork) : next.fork();
}

EXPORT pid_t _Fork(void);

EXPORT pid_t _Fork(void)
{
	const struct registers caller = CALLER_REGISTERS();

	next_resolve();
	if (!next._Fork) {
		errno = ENOSYS;
		return -1;
	}
	return is_at_risk(&caller) ? fork_by(next._Fork) : next._Fork();
}

/* Does the call return twice, in memory of its own, on this stack? */
static bool is_fork(long number, long first, long second)
{
	const struct clone_args *args = (const struct clone_args *)first;

	if (number == SYS_clone3)
		return args && !(args->flags & CLONE_VM) && !args->stack;
	return number == SYS_fork ||
	       (number == SYS_clone && !(first & CLONE_VM) && !second);
}

static long forking_syscall(long number, ...)
{
	struct copy *c = save();
	long arg[5];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 5; i++)
		arg[i] = va_arg(list, long);
	va_end(list);
	return forked(c, next.syscall(number, arg[0], arg[1], arg[2], arg[3],
				      arg[4]));
}

long (*interpose_fork_syscall(const long arg[3],
			      const struct registers *caller))(long, ...)
{
	return is_fork(arg[0], arg[1], arg[2]) && is_at_risk(caller)
		       ? forking_syscall
		       : next.syscall;
}
