/*
 * thread - see thread.h.
 *
 * A thread's slot in the ring gives it its place in local.thread too. The
 * collector gives slots of ended threads back: no destructor of ours runs.
 */
#include "preload/thread.h"
#include "preload/ring_writer.h"
#include "preload/stack.h"

#include <sys/syscall.h>

/* In local.process while someone is taking a slot. */
#define CLAIMING UINT32_MAX

static int32_t own_tid(void)
{
	const char *tcb = __builtin_thread_pointer();

	if (agent.tid_offset)
		return *(const int32_t *)(tcb + agent.tid_offset);
	if (agent.sandboxed)
		return 0;
	return (int32_t)processor_syscall(SYS_gettid, 0, 0, 0, 0);
}

/* In a sandbox it is the tid of the only thread, the one that came by fork. */
static int32_t own_pid(void)
{
	if (agent.sandboxed)
		return own_tid();
	return (int32_t)processor_syscall(SYS_getpid, 0, 0, 0, 0);
}

/* A raw clone leaves the parent's tid in the thread control block. */
static void check_tid(void)
{
	if (agent.tid_offset && !agent.sandboxed &&
	    own_tid() != processor_syscall(SYS_gettid, 0, 0, 0, 0))
		agent.tid_offset = 0;
}

static uint32_t take_process(void)
{
	struct ring_header *header = &agent.ring->header;
	uint32_t n = atomic_fetch_add_explicit(&header->processes, 1,
					       memory_order_relaxed);
	struct ring_process *p = &agent.ring->process[n];

	if (n >= RING_PROCESSES) {
		/* Keep the count from running round. */
		atomic_store_explicit(&header->processes, RING_PROCESSES,
				      memory_order_relaxed);
		return 0;
	}
	check_tid();
	p->pid = own_pid();
	p->parent = agent.parent;
	p->origin = agent.origin;
	p->start = agent_stamp();
	/* Release: the collector that sees the state sees the rest. */
	atomic_store_explicit(&p->state, RING_PROCESS_LIVE,
			      memory_order_release);
	return n + 1;
}

/* The slot of this process; taken by the first thread that asks. */
static ring_ref own_process(void)
{
	_Atomic uint32_t *process = &agent.local->process;
	uint32_t now = 0;

	if (!atomic_compare_exchange_strong_explicit(process, &now, CLAIMING,
						     memory_order_acquire,
						     memory_order_acquire))
		return now == CLAIMING ? 0 : now;
	now = take_process();
	if (now) {
		/* What is forked from here on is this process's child. */
		agent.parent = now;
		agent.origin = RING_ORIGIN_FORK;
	} else {
		atomic_store_explicit(&agent.state, AGENT_OFF,
				      memory_order_relaxed);
	}
	atomic_store_explicit(process, now, memory_order_release);
	return now;
}

static uint32_t pop_slot(struct ring *ring)
{
	struct ring_header *header = &ring->header;
	uint64_t head = atomic_load_explicit(&header->free_threads,
					     memory_order_acquire);
	uint32_t n;

	while ((uint32_t)head && (uint32_t)head <= RING_THREADS) {
		struct ring_thread *slot = &ring->thread[(uint32_t)head - 1];
		uint32_t next = atomic_load_explicit(&slot->next_free,
						     memory_order_relaxed);

		/* Acquire: the collector is done with the slot. */
		if (atomic_compare_exchange_weak_explicit(
			    &header->free_threads, &head,
			    ((head >> 32) + 1) << 32 | next,
			    memory_order_acquire, memory_order_acquire))
			return (uint32_t)head;
	}
	n = atomic_load_explicit(&header->threads, memory_order_relaxed);
	while (n < RING_THREADS) {
		if (atomic_compare_exchange_weak_explicit(
			    &header->threads, &n, n + 1, memory_order_relaxed,
			    memory_order_relaxed))
			return n + 1;
	}
	return 0;
}

/* Back, unused: it never said that it is live. */
static void push_slot(struct ring *ring, uint32_t ref)
{
	_Atomic uint64_t *top = &ring->header.free_threads;
	uint64_t head = atomic_load_explicit(top, memory_order_relaxed);

	do {
		atomic_store_explicit(&ring->thread[ref - 1].next_free,
				      (uint32_t)head, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(
		top, &head, ((head >> 32) + 1) << 32 | ref,
		memory_order_release, memory_order_relaxed));
}

static void fill_slot(struct ring_thread *slot, ring_ref process)
{
	slot->tid = own_tid();
	slot->process = process;
	slot->start = agent_stamp();
	atomic_store_explicit(&slot->open, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->lost, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->truncated, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->reentrant, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->waited, 0, memory_order_relaxed);
}

static struct thread *lose(ring_ref process)
{
	if (process)
		atomic_fetch_add_explicit(
			&agent.ring->process[process - 1].lost, 1,
			memory_order_relaxed);
	else
		atomic_fetch_add_explicit(&agent.ring->header.lost, 1,
					  memory_order_relaxed);
	return NULL;
}

/* A forked child that nobody asked for: what it does is no loss. */
static bool is_unwanted(void)
{
	return agent.origin == RING_ORIGIN_FORK &&
	       !(agent.ring->header.flags & RING_FOLLOW) &&
	       !atomic_load_explicit(&agent.local->process,
				     memory_order_relaxed);
}

struct thread *thread_attach(void)
{
	ring_ref process;
	struct thread *t;
	uint32_t ref;

	if (is_unwanted()) {
		atomic_fetch_add_explicit(&agent.ring->header.unfollowed, 1,
					  memory_order_relaxed);
		atomic_store_explicit(&agent.state, AGENT_OFF,
				      memory_order_relaxed);
		return NULL;
	}
	process = own_process();

	if (!process)
		return lose(0);
	ref = pop_slot(agent.ring);
	if (!ref)
		return lose(process);
	t = &agent.local->thread[ref - 1];
	t->slot = &agent.ring->thread[ref - 1];
	t->chunk = NULL;
	t->pos = t->end = NULL;
	t->depth = 0;
	t->beat = 0;
	t->own = t->other = (struct extent){ 0, 0 };
	fill_slot(t->slot, process);
	if (!stack_start(t) || !ring_writer_next_chunk(t)) {
		push_slot(agent.ring, ref);
		return lose(process);
	}
	atomic_fetch_add_explicit(&agent.local->threads, 1,
				  memory_order_relaxed);
	/* Release: the collector that sees the state sees the rest. */
	atomic_store_explicit(&t->slot->state, RING_THREAD_LIVE,
			      memory_order_release);
	t->owner = (uintptr_t)__builtin_thread_pointer();
	return t;
}
