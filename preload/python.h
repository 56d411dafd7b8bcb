/*
 * python - is there an interpreter in the process, and how far are we with it?
 *
 * Symbols of CPython's are looked for when the agent starts, and in each
 * library whose code is first met on a stack. Then the allocator's hooks go in
 * (python_objects.h). Once the interpreter is initialized it is asked, by a
 * pending call, to run a little program by which the table of offsets proves
 * itself (python_test.h); from then on frames are read. What does not fit
 * leaves the program traced as any other, and a note in the trace.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_H
#define MEMPROF_PRELOAD_PYTHON_H

#include "preload/agent.h"

enum python_state {
	PYTHON_NONE, /* none is known */
	PYTHON_MET, /* its library is mapped, no more is known */
	PYTHON_WAITING, /* for it to be initialized */
	PYTHON_ASKED, /* a pending call is queued */
	PYTHON_ON, /* frames are read */
	PYTHON_AWAY, /* not initialized, and may be being unloaded */
	PYTHON_REFUSED,
};

extern _Atomic int python_state;

static inline int python_state_now(void)
{
	/* Acquire: who sees PYTHON_ON sees the tables. */
	return atomic_load_explicit(&python_state, memory_order_acquire);
}

/* When a trace begins, not while recording: look among what is loaded. */
void python_start(void);

/* The trace has ended: what is hooked passes calls on. */
void python_stop(void);

/* Code of the module at `start` is met for the first time. */
void python_meet(uintptr_t start);

/*
 * A library is about to go away, and went. Not while recording; the latter when
 * none is going away any more.
 */
void python_unload_begin(void);
void python_unload_end(void);

/* Something was allocated, and the state is neither none nor on. */
void python_poll(void);

/* Bring t->python up to date; for who holds the GIL, and for anybody. */
void python_read_holder(struct thread *t);
void python_read(struct thread *t);

#endif
