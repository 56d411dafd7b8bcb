/*
 * thread - see thread.h.
 *
 * A thread's slot in the ring gives it its place in local.thread too. The
 * collector gives slots of ended threads back: no destructor of ours runs.
 */
#include "preload/thread.h"
#include "preload/ring_writer.h"
#include "preload/rule.h"
#include "preload/stack.h"

#include <sys/syscall.h>

/* In local.process while someone is taking a slot. */
#define CLAIMING UINT32_MAX

enum {
	CLAIM_LOOKS = 20000, /* at it: a millisecond at most */
};

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

static uint32_t parent_is_outside(void)
{
	return !agent.sandboxed && !processor_syscall(SYS_getppid, 0, 0, 0, 0);
}

/* A raw clone leaves the parent's tid in the thread control block. */
static void check_tid(void)
{
	if (agent.tid_offset && !agent.sandboxed &&
	    own_tid() != processor_syscall(SYS_gettid, 0, 0, 0, 0))
		agent.tid_offset = 0;
}

/* A table of slots: those given back are a stack, by their links. */
struct slots {
	_Atomic uint64_t *free;
	_Atomic uint32_t *used; /* highest ever taken + 1 */
	_Atomic ring_ref *first; /* link; the others follow at `stride` */
	size_t stride;
	uint32_t count;
};

static struct slots thread_slots(struct ring *ring)
{
	return (struct slots){ .free = &ring->header.free_threads,
			       .used = &ring->header.threads,
			       .first = &ring->thread[0].next_free,
			       .stride = sizeof(ring->thread[0]),
			       .count = RING_THREADS };
}

static struct slots process_slots(struct ring *ring)
{
	return (struct slots){ .free = &ring->header.free_processes,
			       .used = &ring->header.processes,
			       .first = &ring->process[0].next_free,
			       .stride = sizeof(ring->process[0]),
			       .count = RING_PROCESSES };
}

static _Atomic ring_ref *link_of(const struct slots *s, ring_ref ref)
{
	return (_Atomic ring_ref *)((char *)s->first + (ref - 1) * s->stride);
}

static ring_ref pop_slot(const struct slots *s)
{
	uint64_t head = atomic_load_explicit(s->free, memory_order_acquire);
	uint32_t n;

	while ((uint32_t)head && (uint32_t)head <= s->count) {
		uint32_t next = atomic_load_explicit(link_of(s, (uint32_t)head),
						     memory_order_relaxed);

		/* Acquire: the collector is done with the slot. */
		if (atomic_compare_exchange_weak_explicit(
			    s->free, &head, ((head >> 32) + 1) << 32 | next,
			    memory_order_acquire, memory_order_acquire))
			return (uint32_t)head;
	}
	n = atomic_load_explicit(s->used, memory_order_relaxed);
	while (n < s->count) {
		if (atomic_compare_exchange_weak_explicit(s->used, &n, n + 1,
							  memory_order_relaxed,
							  memory_order_relaxed))
			return n + 1;
	}
	return 0;
}

/* Back, unused: it never said that it is live. */
static void push_slot(const struct slots *s, ring_ref ref)
{
	uint64_t head = atomic_load_explicit(s->free, memory_order_relaxed);

	do {
		atomic_store_explicit(link_of(s, ref), (ring_ref)head,
				      memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(
		s->free, &head, ((head >> 32) + 1) << 32 | ref,
		memory_order_release, memory_order_relaxed));
}

static void fill_own(struct ring_process *p)
{
	p->own[0][0] = (uintptr_t)agent.local;
	p->own[0][1] = p->own[0][0] + sizeof(*agent.local);
	p->own[1][0] = (uintptr_t)rule_table;
	p->own[1][1] = p->own[1][0] + sizeof(*rule_table);
}

static ring_ref take_process(void)
{
	struct ring_header *header = &agent.ring->header;
	const struct slots slots = process_slots(agent.ring);
	ring_ref ref = pop_slot(&slots);
	struct ring_process *p;

	if (!ref) {
		atomic_fetch_add_explicit(&header->refused, 1,
					  memory_order_relaxed);
		return 0;
	}
	check_tid();
	p = &agent.ring->process[ref - 1];
	p->pid = own_pid();
	p->parent = agent.parent;
	p->parent_serial = agent.parent_serial;
	atomic_store_explicit(&p->copy, RING_COPY_NONE, memory_order_relaxed);
	atomic_store_explicit(&p->twin, RING_COPY_NONE, memory_order_relaxed);
	fill_own(p);
	p->outside = parent_is_outside();
	p->origin = agent.origin;
	p->start = agent_stamp();
	p->serial = atomic_fetch_add_explicit(&header->serial, 1,
					      memory_order_relaxed) +
		    1;
	/* What is forked from here on is this process's child. */
	agent.parent = ref;
	agent.parent_serial = p->serial;
	/* Release: who sees it sees that the slot is being taken. */
	atomic_store_explicit(&agent.origin, RING_ORIGIN_FORK,
			      memory_order_release);
	/* Release: the collector that sees the state sees the rest. */
	atomic_store_explicit(&p->state, RING_PROCESS_LIVE,
			      memory_order_release);
	return ref;
}

/* It takes a microsecond; who takes it may have been stopped meanwhile. */
static uint32_t wait_for_claim(_Atomic uint32_t *process)
{
	uint32_t now = CLAIMING;

	for (int i = 0; i < CLAIM_LOOKS && now == CLAIMING; i++) {
		processor_relax();
		/* Acquire: the slot is as who took it left it. */
		now = atomic_load_explicit(process, memory_order_acquire);
	}
	return now == CLAIMING ? 0 : now;
}

/* The slot of this process; taken by the first thread that asks. */
static ring_ref own_process(void)
{
	_Atomic uint32_t *process = &agent.local->process;
	uint32_t now = 0;

	if (!atomic_compare_exchange_strong_explicit(process, &now, CLAIMING,
						     memory_order_acquire,
						     memory_order_acquire))
		return now == CLAIMING ? wait_for_claim(process) : now;
	now = take_process();
	if (!now)
		atomic_store_explicit(&agent.state, AGENT_OFF,
				      memory_order_relaxed);
	atomic_store_explicit(process, now, memory_order_release);
	return now;
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
	/* Acquire: pairs with take_process(), for local.process. */
	return atomic_load_explicit(&agent.origin, memory_order_acquire) ==
		       RING_ORIGIN_FORK &&
	       !(agent.ring->header.flags & RING_FOLLOW) &&
	       !atomic_load_explicit(&agent.local->process,
				     memory_order_relaxed);
}

/*
 * From here on the memory is not emptied under the thread; false when it may
 * have been since `detached`. See spare.c.
 */
static bool take_place(struct thread *t, uint32_t detached)
{
	t->owner = (uintptr_t)__builtin_thread_pointer();
	/*
	 * Pairs with spare_give(): one of both sees what the other wrote. A
	 * read that writes does what a fence would, which TSan does not know.
	 */
	if (atomic_fetch_add_explicit(&agent.detached, 0,
				      memory_order_seq_cst) == detached)
		return true;
	t->owner = 0;
	return false;
}

struct thread *thread_attach(void)
{
	const uint32_t detached =
		atomic_load_explicit(&agent.detached, memory_order_acquire);
	struct ring *ring = agent.ring;
	struct local *local = agent.local;
	const struct slots slots = thread_slots(ring);
	ring_ref process, ref;
	struct thread *t;

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
	ref = pop_slot(&slots);
	if (!ref)
		return lose(process);
	t = &local->thread[ref - 1];
	t->slot = &ring->thread[ref - 1];
	if (!take_place(t, detached))
		return lose(0);
	t->chunk = NULL;
	t->pos = t->end = NULL;
	t->depth = 0;
	t->beat = 0;
	t->held = 0;
	t->took = t->giving = t->moving = 0;
	t->python.depth = t->python.same = t->python.sent = 0;
	t->python.left_out = 0;
	t->python.known = false;
	t->own = t->other = (struct extent){ 0, 0 };
	fill_slot(t->slot, process);
	if (!stack_start(t) || !ring_writer_next_chunk(t)) {
		t->owner = 0;
		push_slot(&slots, ref);
		return lose(process);
	}
	atomic_fetch_add_explicit(&local->threads, 1, memory_order_relaxed);
	/* Release: the collector that sees the state sees the rest. */
	atomic_store_explicit(&t->slot->state, RING_THREAD_LIVE,
			      memory_order_release);
	return t;
}
