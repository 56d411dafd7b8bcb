/*
 * freeze_x86_64 - the registers of a thread that has been stopped.
 */
#ifndef MEMPROF_TRACE_FREEZE_X86_64_H
#define MEMPROF_TRACE_FREEZE_X86_64_H

#include <stdint.h>
#include <string.h>
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

#endif
