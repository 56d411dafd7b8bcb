/*
 * thread - what the collector knows about a traced thread that lives.
 */
#ifndef MEMPROF_TRACE_THREAD_H
#define MEMPROF_TRACE_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/gc.h"
#include "trace/hybrid.h"
#include "trace/process.h"
#include "trace/stream.h"

enum {
	THREAD_MOVES = 4, /* reallocs at once, by signal handlers */
};

/* A block that realloc was called with and has not returned from. */
struct thread_move {
	uint64_t addr;
	struct live_block block;
	bool known; /* else it is from before the trace */
};

struct thread_frame {
	uint64_t path; /* of tree.h */
	uint32_t node;
};

/* A code object that arrives in parts. */
struct thread_code {
	uint32_t number, size, have; /* bytes */
	char *bytes; /* owned */
};

struct thread {
	uint32_t number; /* in the trace */
	uint32_t slot; /* in the ring */
	int32_t tid;
	struct process *process; /* borrowed */
	struct stream stream;
	uint64_t key; /* stamp of its next record, in order */
	/* Outermost first; [0] is the thread's own. */
	struct thread_frame *stack;
	size_t depth, capacity; /* frames, nodes */
	uint32_t node; /* of the event under way */
	struct hybrid *hybrid; /* owned; NULL: it runs no Python */
	struct thread_code code;
	struct gc_run *gc; /* owned; under way, else NULL */
	uint64_t newest; /* number + 1 of the last block it began */
	struct thread_move moves[THREAD_MOVES];
	unsigned int move_count;
	uint64_t lost; /* events, as its slot said at the last look */
	bool looked; /* there has been such a look */
	bool shares_entry; /* in the trace, with others of the same name */
	bool named; /* by a record */
	bool idle; /* had nothing at the last look */
	bool gone; /* seen to have ended: one more look */
	bool counted; /* as lost, because its stream is broken */
};

struct thread *thread_create(struct process *p, uint32_t slot);
void thread_destroy(struct thread *t);

/*
 * Makes the stack keep its `keep` outermost frames. False when it has not as
 * many, or when `more` would make it deeper than any may be.
 */
bool thread_keep_and_grow(struct thread *t, size_t keep, size_t more);

static inline bool thread_keep(struct thread *t, size_t keep, size_t more)
{
	if (keep > t->depth || keep + more >= t->capacity)
		return thread_keep_and_grow(t, keep, more);
	t->depth = keep;
	return true;
}

#endif
