/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026, the memprof project
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice,
 *    this list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the documentation
 *    and/or other materials provided with the distribution.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
 * AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
 * IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
 * ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE
 * LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
 * CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
 * SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
 * INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
 * CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
 * ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
 * POSSIBILITY OF SUCH DAMAGE.
 */
/*
 * memprof.h - what a program may tell memprof while it is traced.
 *
 * There is no library to link: the functions below look for memprof's agent in
 * the process, and do nothing when it is not there, at the cost of a load and
 * a branch. They may be called from any thread and from signal handlers; they
 * neither allocate nor change errno. C and C++, see memprof(3).
 */
#ifndef MEMPROF_H
#define MEMPROF_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The agent's side. `size` tells which members there are. */
struct memprof_agent {
	size_t size;
	void (*mark)(const char *name);
	void (*start)(void);
	void (*stop)(void);
	void (*alloc)(const void *block, size_t size);
	void (*free)(const void *block);
};

/*
 * The agent, or a null pointer. It may come later than the program, so its
 * address is looked up in each call. In the address of a weak symbol a compiler
 * may see a constant where there is no -fPIE; the linker's table is always
 * right.
 */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(__ILP32__)
static __inline__ const struct memprof_agent *memprof_agent(void)
{
	const struct memprof_agent *agent;

	__asm__(".weak memprof_agent_api\n\t"
		"movq memprof_agent_api@GOTPCREL(%%rip), %0"
		: "=r"(agent));
	return agent;
}
#else
static __inline__ const struct memprof_agent *memprof_agent(void)
{
	return (const struct memprof_agent *)0;
}
#endif

/* Gives this moment a name: memprof report TRACE@mark:NAME. */
static __inline__ void memprof_mark(const char *name)
{
	const struct memprof_agent *agent = memprof_agent();

	if (agent)
		agent->mark(name);
}

/*
 * Switch recording on and off, for all processes of the run; see --start-off in
 * memprof-run(1). Blocks allocated while it is off are not known.
 */
static __inline__ void memprof_start(void)
{
	const struct memprof_agent *agent = memprof_agent();

	if (agent)
		agent->start();
}

static __inline__ void memprof_stop(void)
{
	const struct memprof_agent *agent = memprof_agent();

	if (agent)
		agent->stop();
}

/*
 * A pool of the program's own has given a block away, has it back. It counts
 * as a block of the heap, at the stack of the call.
 */
static __inline__ void memprof_alloc(const void *block, size_t size)
{
	const struct memprof_agent *agent = memprof_agent();

	if (agent)
		agent->alloc(block, size);
}

static __inline__ void memprof_free(const void *block)
{
	const struct memprof_agent *agent = memprof_agent();

	if (agent)
		agent->free(block);
}

#ifdef __cplusplus
}
#endif

#endif
