/*
 * record - what the agent writes about each call, and the guard around it.
 *
 * A wrapper calls enter(), which gives the thread or NULL when the call is
 * not to be recorded, then one record_*(), then leave(). See record.c for the
 * rule that holds in between.
 */
#ifndef MEMPROF_PRELOAD_RECORD_H
#define MEMPROF_PRELOAD_RECORD_H

#include "preload/agent.h"

/*
 * In guard.requested: the memory that was asked for has been taken; and it was
 * not an operator of C++ that asked, so any block that is as large will do.
 */
#define GUARD_TAKEN SIZE_MAX
#define GUARD_ANY_SIZE ((size_t)1 << 62)

struct guard {
	struct thread *thread; /* of this thread, NULL before its first event */
	uintptr_t holder; /* stack address of who is inside, 0 nobody */
	uintptr_t holder_pc; /* its return address, at holder - 8 */
	size_t requested; /* by who is under way: bytes + 1, with GUARD_... */
	uintptr_t requester; /* stack address of who called that function */
	const void *freed; /* by one that is under way, and recorded */
	int64_t countdown; /* bytes to the next that is hit: sample.h */
	uint64_t random; /* state of the generator, 0 not begun */
};

/* initial-exec: a lazy TLS block would call malloc on its first touch. */
extern _Thread_local
	__attribute__((tls_model("initial-exec"))) struct guard guard;

/* Is the caller a signal handler that interrupted the agent? */
bool record_is_interrupted(const struct registers *caller);

/* For what is not the usual: see record_enter(). */
struct thread *record_enter_slowly(const struct registers *caller);

/*
 * `caller` is what CALLER_REGISTERS() gave in the wrapper. NULL when the call
 * is not to be recorded; else record_leave() must follow.
 */
static inline struct thread *record_enter(const struct registers *caller)
{
	struct thread *t;

	if (__builtin_expect(guard.holder != 0, 0))
		return record_enter_slowly(caller);
	guard.holder_pc = caller->pc;
	guard.holder = caller->sp;
	/* A handler that forks before this leaves us with another thread. */
	atomic_signal_fence(memory_order_seq_cst);
	t = guard.thread;
	if (__builtin_expect(t && thread_is_own(t), 1))
		return t;
	guard.holder = 0;
	return record_enter_slowly(caller);
}

static inline void record_leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	guard.holder = 0;
}

void record_alloc(struct thread *t, enum ring_kind kind, const void *addr,
		  size_t size, const struct registers *caller);
void record_free(struct thread *t, enum ring_kind kind, const void *addr);
/* Of Python's allocators, RING_OBJECT or RING_OBJECT_MOVED; with the GIL. */
void record_object(struct thread *t, enum ring_kind kind, const void *addr,
		   size_t size, const struct registers *caller);

/* For python_objects.c: a block was taken, is given back; recorded or not. */
static inline void record_took(struct thread *t, const void *addr)
{
	if (!t->took)
		t->took = (uintptr_t)addr;
}

static inline void record_gave(struct thread *t, const void *addr)
{
	const uintptr_t inside = 64;

	if (__builtin_expect(t->giving != 0, 0) &&
	    t->giving - (uintptr_t)addr <= inside)
		t->giving = 0;
}

void record_unmap(struct thread *t, const void *addr, size_t size);
/*
 * The thread's next record_unmap() is of this moment, in between the thread may
 * leave; unless record_let_go() says that nothing has happened.
 */
void record_hold(struct thread *t);
void record_let_go(struct thread *t);

/* The thread's next event is to have a stamp. */
static inline void record_time_soon(void)
{
	if (guard.thread)
		guard.thread->beat = 0;
}

/* Payload records; `size` bytes, cut at what a record holds. */
void record_payload(struct thread *t, enum ring_kind kind, uintptr_t addr,
		    const void *payload, size_t size);

/* The current thread for work outside a wrapper, or NULL. */
struct thread *record_thread(void);

#endif
