/*
 * calls - what the frames of a trace are called, each looked up once.
 *
 * One frame of the trace is a list of *calls*: the function that stands there
 * and those it was inlined into. Equal calls (same function, file, line and
 * module) have the same number, whatever their addresses, and grouping goes by
 * these numbers. Where a stack is not whole a mark stands for a call.
 */
#ifndef MEMPROF_ANALYZER_CALLS_H
#define MEMPROF_ANALYZER_CALLS_H

#include "analyzer/arena.h"
#include "analyzer/kept.h"
#include "analyzer/names.h"
#include "analyzer/query.h"
#include "analyzer/scripts.h"
#include "analyzer/symbols.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CALLS_NONE = UINT32_MAX,
};

struct calls;

struct calls_options {
	const struct trace *trace; /* borrowed */
	struct arena *arena; /* borrowed */
	struct names *names; /* borrowed */
	struct kept *kept; /* borrowed */
	struct scripts *scripts; /* borrowed */
	const char *const *skip; /* borrowed */
	size_t skips;
	bool no_libraries; /* of Python are wrappers */
};

struct calls *calls_open(const struct calls_options *o);
void calls_close(struct calls *all);

struct calls_list {
	const uint32_t *calls; /* innermost first */
	uint32_t count;
	uint32_t number; /* equal for equal lists */
	bool guessed; /* found by frame pointer */
};

/* The calls of frame `number`; none for memprof's own and for threads. */
const struct calls_list *calls_list(struct calls *all, uint32_t number);

/*
 * What frame `number` is, without looking up symbols: in a module of wrappers,
 * of Python, or in a module of the interpreter that runs Python.
 */
bool calls_in_wrapper_module(const struct calls *all, uint32_t number);
bool calls_in_python(const struct calls *all, uint32_t number);
bool calls_in_interpreter(const struct calls *all, uint32_t number);

/* A call as first met, without what differs from stack to stack. */
const struct query_frame *calls_frame(const struct calls *all, uint32_t call);

/* Its function without parameters, interned; NULL unknown. */
const char *calls_plain_name(const struct calls *all, uint32_t call);

/* How many calls have a number by now. */
uint32_t calls_count(const struct calls *all);

/* Allocators and their wrappers, and marks. */
bool calls_is_wrapper(const struct calls *all, uint32_t call);

/* No code, but a remark that the stack is not whole. */
bool calls_is_mark(const struct calls *all, uint32_t call);

/* The module's number, MODEL_NONE for code in no module. */
int64_t calls_module(const struct calls *all, uint32_t call);

/* The number of a code object that has it, MODEL_NONE when it is native. */
int64_t calls_code(const struct calls *all, uint32_t call);

/* Order by what is read: function, file, line, module, address. */
int calls_compare(const struct query_frame *a, const struct query_frame *b);

#endif
