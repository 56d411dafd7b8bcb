/*
 * tracee - see tracee.h.
 */
#include "inject/tracee.h"

#include <errno.h>
#include <elf.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace/xmalloc.h"

enum {
	LOOKS = 100, /* at a thread, one after the other */
	NAP = 100000, /* ns, between two of those that follow */
	MASK_SIZE = 8, /* bytes of a kernel's signal set */
};

uint64_t tracee_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static long trace(struct tracee *t, int request, void *addr, void *data)
{
	return ptrace((enum __ptrace_request)request, t->tid, addr, data);
}

/* 1 stopped, 0 not by the deadline, -1 ended. */
static int wait_for(struct tracee *t, int *status)
{
	const struct timespec nap = { .tv_nsec = NAP };
	int looks = 0;
	pid_t pid;

	while (!(pid = waitpid(t->tid, status, __WALL | WNOHANG))) {
		if (tracee_now() > t->deadline)
			return 0;
		/* The thread stands still meanwhile: most waits are short. */
		if (looks++ < LOOKS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
	}
	if (pid > 0 && WIFSTOPPED(*status))
		return 1;
	t->ended = true;
	t->seized = false;
	return -1;
}

static bool is_event_stop(int status)
{
	return status >> 16 == PTRACE_EVENT_STOP;
}

/* Signals that come before the stop are the program's. */
static int wait_for_stop(struct tracee *t)
{
	int status, ret;

	while ((ret = wait_for(t, &status)) > 0) {
		if (is_event_stop(status)) {
			t->group_stopped = WSTOPSIG(status) != SIGTRAP;
			return ret;
		}
		trace(t, PTRACE_CONT, NULL,
		      (void *)(intptr_t)(status >> 16 ? 0 : WSTOPSIG(status)));
	}
	return ret;
}

int tracee_stop(struct tracee *t, struct err *err)
{
	int ret;

	t->ended = t->group_stopped = false;
	t->signal = 0;
	if (trace(t, PTRACE_SEIZE, NULL, (void *)PTRACE_O_TRACESYSGOOD) < 0)
		return err_errno(err, "cannot trace thread %d", (int)t->tid);
	t->seized = true;
	trace(t, PTRACE_INTERRUPT, NULL, NULL);
	ret = wait_for_stop(t);
	if (ret > 0)
		return 0;
	if (ret < 0)
		return err_set(err, "thread %d has ended", (int)t->tid);
	tracee_release(t);
	return err_set(err, "thread %d does not stop", (int)t->tid);
}

int tracee_read_state(struct tracee *t, struct err *err)
{
	struct iovec state = { .iov_len = TRACEE_XSTATE_MAX };

	if (!t->xstate)
		t->xstate = xmalloc(TRACEE_XSTATE_MAX);
	state.iov_base = t->xstate;
	if (trace(t, PTRACE_GETREGSET, (void *)NT_X86_XSTATE, &state) < 0)
		return err_errno(err, "cannot read the extended state");
	/* What is written back is as long as what was read. */
	t->xstate_size = state.iov_len;
	if (!tracee_get(t, &t->regs) ||
	    trace(t, PTRACE_GETSIGMASK, (void *)MASK_SIZE, &t->mask) < 0)
		return err_errno(err, "cannot read the registers");
	return 0;
}

int tracee_write_state(struct tracee *t, struct err *err)
{
	struct iovec state = { .iov_base = t->xstate,
			       .iov_len = t->xstate_size };

	/* The registers last: until then a signal frame brings all back. */
	if (trace(t, PTRACE_SETREGSET, (void *)NT_X86_XSTATE, &state) < 0)
		return err_errno(err, "cannot restore the extended state");
	if (!tracee_mask(t, t->mask) || !tracee_set(t, &t->regs))
		return err_errno(err, "cannot restore the registers");
	return 0;
}

bool tracee_continue(struct tracee *t)
{
	return trace(t, PTRACE_SYSCALL, NULL, NULL) == 0 || errno != ESRCH;
}

void tracee_interrupt(struct tracee *t)
{
	trace(t, PTRACE_INTERRUPT, NULL, NULL);
}

/*
 * All signals that can be are held back. Those that can not: stops, which are
 * given on at the end, and faults.
 */
enum tracee_stop tracee_wait(struct tracee *t)
{
	int status, ret = wait_for(t, &status);

	if (ret < 0)
		return TRACEE_ENDED;
	if (!ret)
		return TRACEE_LATE;
	if (is_event_stop(status))
		return TRACEE_INTERRUPTED;
	if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		return TRACEE_SYSCALL;
	if (WSTOPSIG(status) != SIGSTOP)
		return TRACEE_FAULT;
	t->signal = SIGSTOP;
	return TRACEE_INTERRUPTED;
}

bool tracee_get(struct tracee *t, struct user_regs_struct *regs)
{
	return trace(t, PTRACE_GETREGS, NULL, regs) == 0;
}

bool tracee_set(struct tracee *t, const struct user_regs_struct *regs)
{
	struct user_regs_struct copy = *regs;

	return trace(t, PTRACE_SETREGS, NULL, &copy) == 0;
}

bool tracee_mask(struct tracee *t, uint64_t mask)
{
	return trace(t, PTRACE_SETSIGMASK, (void *)MASK_SIZE, &mask) == 0;
}

bool tracee_read(const struct tracee *t, uintptr_t addr, void *data,
		 size_t size)
{
	return pread(t->memory, data, size, (off_t)addr) == (ssize_t)size;
}

bool tracee_write(const struct tracee *t, uintptr_t addr, const void *data,
		  size_t size)
{
	return pwrite(t->memory, data, size, (off_t)addr) == (ssize_t)size;
}

/* <linux/rseq.h>; and the ptrace(2) that tells where a thread's is. */
struct rseq_section {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

bool tracee_is_restartable(const struct tracee *t)
{
	struct __ptrace_rseq_configuration where = { 0 };
	const uintptr_t offset = 8; /* of rseq_cs in struct rseq */
	struct rseq_section section;
	uint64_t addr = 0;

	if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, t->tid, (void *)sizeof(where),
		   &where) <= 0 ||
	    !where.rseq_abi_pointer)
		return false;
	if (!tracee_read(t, where.rseq_abi_pointer + offset, &addr,
			 sizeof(addr)))
		return true;
	if (!addr)
		return false;
	return !tracee_read(t, addr, &section, sizeof(section)) ||
	       t->regs.rip - section.start < section.length;
}

void tracee_release(struct tracee *t)
{
	int status;

	if (!t->seized)
		return;
	t->seized = false;
	if (trace(t, PTRACE_DETACH, NULL, (void *)(intptr_t)t->signal) == 0 ||
	    t->ended)
		return;
	/* It can only be let go when it is stopped. */
	trace(t, PTRACE_INTERRUPT, NULL, NULL);
	t->deadline = tracee_now() + 1000000000;
	if (wait_for(t, &status) > 0)
		trace(t, PTRACE_DETACH, NULL, NULL);
}
