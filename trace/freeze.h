/*
 * freeze - hold the threads of a process while it makes a copy of itself.
 *
 * What other threads do meanwhile would tear the copy: a pointer may be moved
 * from memory that has not been copied yet to memory that has. Besides, a
 * pointer may be in a register only. So they are stopped, for as long as the
 * kernel takes to copy page tables, as a debugger does it.
 */
#ifndef MEMPROF_TRACE_FREEZE_H
#define MEMPROF_TRACE_FREEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/freeze_x86_64.h"

enum {
	FREEZE_REGISTERS = FREEZE_GENERAL + FREEZE_VECTORS,
};

enum freeze_state {
	FREEZE_RUNNING, /* it has been asked to stop */
	FREEZE_STOPPED,
	FREEZE_FREE, /* it goes on, or has ended */
	FREEZE_ENDING, /* it was killed where it had stopped */
};

struct freeze_thread {
	int32_t tid;
	enum freeze_state state;
	int signal; /* that it was about to get, 0 none */
	uint64_t sp, thread_pointer;
	uint64_t registers[FREEZE_REGISTERS];
};

struct freeze {
	int32_t child; /* its first thread, when its end is for our caller */
	struct freeze_thread *list; /* owned */
	size_t count, capacity;
};

/*
 * Stops all threads of a process but one. False when that can not be, with
 * errno; those that were stopped go on. Takes a fifth of a second at most.
 */
bool freeze_start(struct freeze *f, int32_t pid, int32_t but);
/* All go on. Their registers stay known. */
void freeze_end(struct freeze *f);
/* Lets those go on that stopped too late. True: there are still others. */
bool freeze_end_late(struct freeze *f);
void freeze_release(struct freeze *f);

#endif
