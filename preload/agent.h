/*
 * agent - the state of memprof inside the traced program.
 *
 * The agent lives in somebody else's process. It creates no thread, takes no
 * lock, installs no signal handler, keeps no descriptor and never calls the
 * program's allocator for itself. Its memory is three mappings made at start:
 *
 *	ring	shared with the collector and with every other process
 *	local	private, emptied by the kernel in a forked child
 *		(MADV_WIPEONFORK): threads and the pages of their stacks. So a
 *		child finds every thread of its own unattached, and that is how
 *		a fork is noticed, whoever made it and however.
 *	rules	private, inherited: unwinding rules hold for the child too
 */
#ifndef MEMPROF_PRELOAD_AGENT_H
#define MEMPROF_PRELOAD_AGENT_H

#include "preload/processor_x86_64.h"
#include "trace/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AGENT_PAGE_FRAMES = 128,
	AGENT_PAGES = 12288, /* 4 KiB each, 48 MiB of address space */
	AGENT_STACK_PAGES = RING_DEPTH / AGENT_PAGE_FRAMES,
};

/*
 * A frame of a thread's last stack, with what its caller's unwinding read:
 * the return address lies at sp - 8, the saved frame pointer at fp_slot.
 */
struct frame {
	uintptr_t pc; /* with the marks of enum ring_frame */
	uintptr_t sp;
	uintptr_t fp;
	uintptr_t
		fp_slot; /* 0: fp was left alone. FRAME_SPECIAL: see stack.c */
};

struct frame_page {
	struct frame frame[AGENT_PAGE_FRAMES];
};

struct extent {
	uintptr_t low, high; /* first byte, one past the last */
};

/* A frame of Python: python_frames.h. */
struct python_frame {
	uintptr_t frame; /* where it lies */
	uintptr_t code, at; /* what the interpreter says of it */
	uint64_t word; /* as it is sent */
};

struct python_page {
	struct python_frame frame[AGENT_PAGE_FRAMES];
};

/* Frames of Python in a thread's last event, outermost first. */
struct python_stack {
	uint32_t depth;
	uint32_t same; /* of those, the outer ones that the collector has */
	uint32_t sent; /* frames that it has, such as they are */
	uint32_t generation; /* of code, when they were read */
	uint32_t left_out; /* outer ones, in steps */
	bool known; /* the collector knows that there are such frames */
	/* The lower half, and another for frames being found. */
	struct python_page *page[2 * AGENT_STACK_PAGES];
};

/* One for each slot of the ring; only its own thread touches it. */
struct thread {
	uintptr_t owner; /* its thread pointer, 0 nobody's: see below */
	uint32_t depth; /* frames in `stack`, as the collector knows them */
	uint64_t *pos, *end; /* in the chunk: next word, one past the last */
	struct ring_chunk *chunk;
	struct ring_thread *slot;
	uint64_t beat; /* heartbeat when the clock was last recorded */
	uint64_t held; /* stamp of what is to be recorded later, 0 none */
	uint32_t modules_gone; /* value of local.modules_gone for `stack` */
	uint32_t captures; /* since the last check against libunwind */
	struct extent own; /* the stack it was started on */
	struct extent other; /* another that it was seen on: readable part */
	struct frame_page *stack[AGENT_STACK_PAGES];
	struct frame_page *fresh[AGENT_STACK_PAGES]; /* frames being found */
	struct steps *steps; /* made lately; NULL when pages are short */
	uintptr_t former; /* owner that was detached from: see spare.h */
	/* For an allocator that calls another: python_objects.c. */
	uintptr_t took; /* the first block recorded since it was set to 0 */
	uintptr_t giving; /* a block that is being freed; 0 once recorded */
	uintptr_t moving; /* a block whose place the next one takes */
	struct python_stack python;
};

/*
 * A thread that remembers this place may have been left out when the place was
 * emptied, by a fork or by detaching, and given to another.
 */
static inline bool thread_is_own(const struct thread *t)
{
	return t->owner == (uintptr_t)__builtin_thread_pointer();
}

/* What is emptied by a fork. */
struct local {
	struct thread thread[RING_THREADS];
	struct frame_page page[AGENT_PAGES];
	_Atomic uint32_t pages; /* handed out */
	_Atomic uint32_t process; /* ring_ref of this process, 0 not yet */
	_Atomic uint32_t threads; /* that have attached */
	_Atomic uint32_t unloading; /* dlclose calls under way */
	_Atomic uint32_t modules_gone; /* times modules were unloaded */
	_Atomic uint32_t modules_busy; /* someone changes the module table */
	_Atomic uint32_t codes_busy; /* someone changes the table of code */
};

enum agent_state {
	AGENT_UNKNOWN, /* agent_start() has not run */
	AGENT_STARTING,
	AGENT_ON,
	AGENT_OFF,
};

struct agent {
	_Atomic int state; /* enum agent_state */
	_Atomic uint32_t detached; /* times, by memprof detach */
	bool sandboxed; /* seccomp since start: no system calls */
	bool clockless; /* the cycle counter has been forbidden */
	uint32_t tid_offset; /* of the tid in struct pthread, 0 unknown */
	uint64_t sample; /* mean bytes between two hits, 0 record all */
	struct ring *ring;
	struct local *local;
	/* The process slot that a child, or what is executed, comes from. */
	ring_ref parent;
	uint32_t parent_serial;
	_Atomic uint32_t origin; /* enum ring_process_origin of the next slot */
	struct extent main_stack;
	_Atomic size_t stack_size; /* largest that a thread was given */
	uint32_t verify; /* check every Nth capture against libunwind */
	char exe[4096]; /* path of the program, empty unknown */
};

extern struct agent agent;

/*
 * A stamp. Strict seccomp and PR_SET_TSC forbid the cycle counter; then the
 * collector's last heartbeat, a millisecond old, has to do.
 */
static inline uint64_t agent_stamp(void)
{
	if (__builtin_expect(agent.clockless, 0))
		return atomic_load_explicit(&agent.ring->header.heartbeat,
					    memory_order_relaxed);
	return processor_stamp();
}

/* Find the ring and begin; again and again is fine. True: events count. */
bool agent_start(void);

/* Stop recording in this process for good, and say why in the trace. */
void agent_stop(const char *why);

/*
 * For attach.c alone, in an agent that was loaded late: begin to record into
 * the ring that is open as env->fd, which is not closed; and let go of it once
 * agent.state is AGENT_OFF.
 */
struct env_ring;
bool agent_attach(const struct env_ring *env);
void agent_detach(void);

#endif
