/*
 * roots - where in a process a pointer counts: everywhere that is not the
 * allocator's.
 *
 * The data of all modules, stacks of its threads above their stack pointers,
 * what is local to them, and every mapping that the program made or that nobody
 * is known to have made. Not the heap, whose free memory is full of old
 * pointers; not stacks of threads that have ended; not memprof's own.
 */
#ifndef MEMPROF_TRACE_ROOTS_H
#define MEMPROF_TRACE_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/heap.h"
#include "trace/peek.h"
#include "trace/modules.h"
#include "trace/process.h"

/* A thread that is still there. */
struct roots_thread {
	int32_t tid;
	uint64_t sp, thread_pointer;
};

struct roots_range {
	uint64_t start, end;
	enum model_root_kind kind;
	int64_t module; /* or MODEL_NONE; then `bias` */
	uint64_t bias;
	int32_t tid;
	bool is_private; /* never touched pages need not be read */
	bool is_libc; /* the allocator keeps its books there */
	/* What of it is the program's own variables, one for each thread. */
	struct roots_locals {
		uint64_t start, size; /* 0 not known */
		int64_t module;
	} locals;
};

struct roots_extent {
	uint64_t start, end;
};

struct roots {
	/* From the caller, borrowed. */
	const struct process *process;
	const struct modules *modules;
	const struct heap *heap;
	struct peek *peek;
	const struct roots_thread *threads;
	size_t thread_count;
	bool all; /* blocks that are not known may hold others */
	bool strict; /* what the program mapped itself holds nothing */

	struct roots_locals locals; /* start: how far below thread pointers */
	struct roots_extent * not ; /* owned: parts that do not count */
	size_t not_count, not_capacity;
	struct roots_range *list; /* owned */
	size_t count, capacity;
};

/* Before roots_find(): memory that does not count. */
void roots_leave_out(struct roots *r, uint64_t start, uint64_t end);
/* False when nothing can be known about the process. */
bool roots_find(struct roots *r);
void roots_release(struct roots *r);

#endif
