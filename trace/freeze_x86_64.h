/*
 * freeze_x86_64 - the registers of a thread that has been stopped.
 *
 * A few system calls fail with EINTR when a thread is stopped in them, though
 * no signal was handled: to the program, which expects no such thing, it is as
 * if there had been one. So they are made again.
 */
#ifndef MEMPROF_TRACE_FREEZE_X86_64_H
#define MEMPROF_TRACE_FREEZE_X86_64_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/user.h>

enum {
	FREEZE_GENERAL = sizeof(struct user_regs_struct) / 8,
	FREEZE_VECTORS = 32, /* halves of the 16 that fxsave writes, */
	FREEZE_VECTORS_AT = 160, /* from this byte on */
	FREEZE_RED_ZONE = 128, /* below the stack pointer, and in use */
};

_Static_assert(sizeof(struct user_fpregs_struct) >=
		       FREEZE_VECTORS_AT + FREEZE_VECTORS * 8,
	       "vectors lie in what the kernel gives");

static inline uint64_t freeze_sp(const struct user_regs_struct *r)
{
	return r->rsp - FREEZE_RED_ZONE;
}

static inline uint64_t freeze_thread_pointer(const struct user_regs_struct *r)
{
	return r->fs_base;
}

/* What system call was interrupted, or is being made; -1 none. */
static inline long freeze_system_call(const struct user_regs_struct *r)
{
	return (long)r->orig_rax;
}

/* Was it one that fails so? Then the registers make the call again. */
static inline bool freeze_restart(struct user_regs_struct *r)
{
	static const int calls[] = {
		SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2,
		SYS_semop,	SYS_semtimedop,	 SYS_rt_sigtimedwait,
	};

	if ((int64_t)r->rax != -EINTR)
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (freeze_system_call(r) != calls[i])
			continue;
		r->rax = r->orig_rax;
		r->rip -= 2;
		r->orig_rax = (uint64_t)-1;
		return true;
	}
	return false;
}

#endif
