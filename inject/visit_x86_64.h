/*
 * visit - calls of functions in a stopped thread that harm it never.
 *
 * A call is made as the kernel would call a signal handler: below what the
 * thread uses of its stack a signal frame is written, with all registers in
 * it, and the function returns to libc's own trampoline, which makes the
 * system call rt_sigreturn(2), which brings everything back. So from the first
 * moment on the thread finds back by itself, should memprof be killed. When
 * memprof lives, it stops the thread at that system call: that is how the end
 * of a call is known, without a breakpoint, a trap or a word of code changed.
 */
#ifndef MEMPROF_INJECT_VISIT_H
#define MEMPROF_INJECT_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inject/image.h"
#include "inject/tracee.h"

enum {
	VISIT_DATA = 4096, /* bytes for arguments */
	VISIT_ARGUMENTS = 6,
	VISIT_ROOM = 96 << 10, /* of stack, that there should be */
	VISIT_KEPT = 160 << 10, /* of it, that are restored */
};

struct visit {
	struct tracee *tracee;
	uintptr_t trampoline; /* mov $15, %rax; syscall */
	uintptr_t store; /* mov %rax, (%rbx); pop %rbx; ret */
	uintptr_t at; /* the signal frame */
	uintptr_t data; /* VISIT_DATA bytes; the last word is for a result */
	uintptr_t kept_at;
	uint8_t *kept; /* what was there; owned */
	size_t kept_size;
	bool entered; /* registers have been changed */
	bool at_end; /* stopped at the end of a call */
	bool lost; /* it runs, and does not stop */
};

/* Find what calls need in the C library. False: it is an unknown one. */
bool visit_find(struct visit *f, struct image *libc);

/* Is there room, and is it a stack? `low` and `high`: the mapping's. */
bool visit_has_room(const struct tracee *t, uintptr_t low, uintptr_t high,
		    bool grows);

/* The registers say what system call was interrupted, and how; -1 none. */
long visit_system_call(const struct user_regs_struct *regs);

/*
 * A few system calls fail with EINTR when a thread is stopped in them, though
 * no signal was handled; t->regs then make the call again. Gives whether they
 * have changed.
 */
bool visit_restart(struct tracee *t);

/* Write the frame. -1 with err set: nothing has changed. */
int visit_enter(struct visit *f, uintptr_t low, struct err *err);

/*
 * Call the function. Its result, when there is `result`. -1 with err set: it
 * did not return; after visit_leave() the thread is where it was.
 */
struct visit_call {
	uintptr_t function;
	uint64_t argument[VISIT_ARGUMENTS];
};
int visit_call(struct visit *f, const struct visit_call *call, uint64_t *result,
	       struct err *err);

/* Bring everything back. -1 with err set: it could not be. */
int visit_leave(struct visit *f, struct err *err);

#endif
