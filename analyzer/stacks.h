/*
 * stacks - what a node of the trace's tree stands for: a place, a thread, and
 * a stack that can be shown.
 *
 * Stacks that pass through Python are shown as Python's: what the interpreter
 * does between its frames, and what runs before it, is *folded*, that is left
 * out. Such a stack is charged to the innermost frame of Python, or to native
 * code further in that has lines and is not the interpreter's.
 */
#ifndef MEMPROF_ANALYZER_STACKS_H
#define MEMPROF_ANALYZER_STACKS_H

#include "analyzer/arena.h"
#include "analyzer/calls.h"
#include "analyzer/query.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STACKS_NONE = UINT32_MAX,
};

struct stacks;

struct stacks_options {
	const struct trace *trace; /* borrowed */
	struct arena *arena; /* borrowed */
	struct calls *calls; /* borrowed */
	bool has_python; /* the trace has code of Python */
	bool native; /* fold nothing of the interpreter */
};

struct stacks *stacks_open(const struct stacks_options *o);
void stacks_close(struct stacks *s);

/* Number of the call that pays for `node`, CALLS_NONE when there is none. */
uint32_t stacks_place(struct stacks *s, uint32_t node);

/* Is a frame of Python at the node, or further out? */
bool stacks_is_python(const struct stacks *s, uint32_t node);
/*
 * Is frame `frame` folded in stacks that pass through Python? `is_first`: all
 * further out is.
 */
bool stacks_folds(struct stacks *s, uint32_t frame, bool is_first);

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
