/*
 * stacks - what a node of the trace's tree stands for: a place, a thread, and
 * a stack that can be shown.
 */
#ifndef MEMPROF_ANALYZER_STACKS_H
#define MEMPROF_ANALYZER_STACKS_H

#include "analyzer/arena.h"
#include "analyzer/calls.h"
#include "analyzer/query.h"
#include "trace/reader.h"

#include <stddef.h>
#include <stdint.h>

enum {
	STACKS_NONE = UINT32_MAX,
};

struct stacks;

struct stacks *stacks_open(const struct trace *t, struct arena *arena,
			   struct calls *calls);
void stacks_close(struct stacks *s);

/* Number of the call that pays for `node`, CALLS_NONE when there is none. */
uint32_t stacks_place(struct stacks *s, uint32_t node);

/* Number of the thread, or STACKS_NONE. */
uint32_t stacks_thread(struct stacks *s, uint32_t node);

/*
 * Number of the stack of calls. Nodes that read the same have the same: the
 * thread, memprof's own frames, and the address within a line do not count.
 */
uint32_t stacks_stack(struct stacks *s, uint32_t node);

/* How many stacks have a number by now; 0 is that without frames. */
uint32_t stacks_count(const struct stacks *s);
/* The stack below the innermost frame; its number is smaller. */
uint32_t stacks_outer(const struct stacks *s, uint32_t stack);
/* The calls of the innermost frame. */
const struct calls_list *stacks_list(const struct stacks *s, uint32_t stack);

/* Its calls, innermost first; borrowed until the next call. */
const struct query_frame *stacks_frames(struct stacks *s, uint32_t stack,
					size_t *count);

/* Order of two stacks by what they read, for a stable report. */
int stacks_compare(const struct stacks *s, uint32_t a, uint32_t b);

#endif
