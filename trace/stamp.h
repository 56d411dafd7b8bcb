/*
 * stamp - the processor's cycle counter, as the agent writes it.
 */
#ifndef MEMPROF_TRACE_STAMP_H
#define MEMPROF_TRACE_STAMP_H

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

static inline uint64_t stamp_now(void)
{
#if defined(__x86_64__)
	return __rdtsc();
#elif defined(__aarch64__)
	uint64_t value;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
	return value;
#else
#error "no cycle counter is known for this processor"
#endif
}

#endif
