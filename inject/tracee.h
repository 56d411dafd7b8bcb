/*
 * tracee - one stopped thread of another process.
 *
 * Seized, never attached to: it gets no signal from us, and a program that was
 * stopped (SIGSTOP) stays so for everybody else. Should memprof be killed at
 * any moment, the kernel lets the thread go on from the registers that it has;
 * so those are always such that it can: see visit_x86_64.h.
 */
#ifndef MEMPROF_INJECT_TRACEE_H
#define MEMPROF_INJECT_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "trace/err.h"

enum {
	TRACEE_XSTATE_MAX = 65536,
};

struct tracee {
	pid_t pid, tid;
	int memory; /* /proc/PID/mem, borrowed */
	bool seized;
	bool ended; /* it is gone */
	bool group_stopped; /* with its process: SIGSTOP and the like */
	int signal; /* to be given on when it is let go, 0 none */
	uint64_t deadline; /* ns, of tracee_now() */
	struct user_regs_struct regs; /* as it was stopped */
	uint64_t mask; /* of signals */
	size_t xstate_size; /* what the kernel says that it has */
	uint8_t *xstate; /* owned */
};

/* How a thread that runs on is stopped again. */
enum tracee_stop {
	TRACEE_SYSCALL, /* at the beginning or the end of a system call */
	TRACEE_FAULT, /* it can not go on */
	TRACEE_INTERRUPTED, /* as it was asked to by tracee_interrupt() */
	TRACEE_ENDED,
	TRACEE_LATE, /* it still runs at the deadline */
};

/* Monotonic, ns. */
uint64_t tracee_now(void);

/*
 * Seize the thread and stop it until t->deadline; t->pid, tid and memory are
 * given. -1 with err set: then it runs as before, or has ended.
 */
int tracee_stop(struct tracee *t, struct err *err);

/* Read registers, extended state and mask. */
int tracee_read_state(struct tracee *t, struct err *err);

/* Bring them back; the thread is stopped by tracee_interrupt(). */
int tracee_write_state(struct tracee *t, struct err *err);

/* Let it go on to the next stop; false: it has ended. */
bool tracee_continue(struct tracee *t);
enum tracee_stop tracee_wait(struct tracee *t);
void tracee_interrupt(struct tracee *t);

bool tracee_get(struct tracee *t, struct user_regs_struct *regs);
bool tracee_set(struct tracee *t, const struct user_regs_struct *regs);
bool tracee_mask(struct tracee *t, uint64_t mask);

bool tracee_read(const struct tracee *t, uintptr_t addr, void *data,
		 size_t size);
bool tracee_write(const struct tracee *t, uintptr_t addr, const void *data,
		  size_t size);

/* Is it in a sequence that the kernel starts anew when it was preempted? */
bool tracee_is_restartable(const struct tracee *t);

/* Let it go, from the registers that it has. */
void tracee_release(struct tracee *t);

#endif
