/*
 * processor_x86_64 - what the agent must know about the processor.
 *
 * Everything that another processor would do differently is here or in
 * unwind_x86_64.c: the stamp, the caller's registers, raw system calls. A port
 * adds processor_ARCH.h and unwind_ARCH.c.
 */
#ifndef MEMPROF_PRELOAD_PROCESSOR_H
#define MEMPROF_PRELOAD_PROCESSOR_H

#include <stdint.h>

#ifndef __x86_64__
#error "memprof's agent knows x86-64 only"
#endif

/* Relocations that bind an address of a function: System V ABI, 4.4.1. */
enum {
	PROCESSOR_RELOC_64 = 1,
	PROCESSOR_RELOC_GLOB_DAT = 6,
	PROCESSOR_RELOC_JUMP_SLOT = 7,
};

/* The registers that an unwinding rule reads and restores. */
struct registers {
	uintptr_t pc;
	uintptr_t sp; /* as it is in this frame after the call returned */
	uintptr_t fp; /* rbp */
};

/*
 * The registers of the function that called the one this stands in, which
 * must be built with frame pointers.
 */
#define CALLER_REGISTERS()                                                     \
	({                                                                     \
		const uintptr_t *frame_ = __builtin_frame_address(0);          \
		(struct registers){ .pc = frame_[1],                           \
				    .sp = (uintptr_t)(frame_ + 2),             \
				    .fp = frame_[0] };                         \
	})

/*
 * Read the cycle counter. Not serializing, which would double its cost of
 * 8 ns: stamps may be off by the processor's out-of-order window, and the
 * collector repairs what that can swap.
 */
static inline uint64_t processor_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline void processor_relax(void)
{
	__asm__ volatile("pause");
}

/*
 * Ask for a line that will be written. A hint: processors that do not know the
 * instruction take it for a nop.
 */
static inline void processor_will_write(const void *addr)
{
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)addr));
}

/* A system call past libc: no cancellation point, errno untouched. */
static inline long processor_syscall(long number, long a, long b, long c,
				     long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long processor_syscall6(long number, const long arg[6])
{
	register long r10 __asm__("r10") = arg[3];
	register long r8 __asm__("r8") = arg[4];
	register long r9 __asm__("r9") = arg[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]),
			   "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#endif
