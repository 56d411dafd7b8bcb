/*
 * portable - functions and lines kept in a trace, so that it can be read where
 * the program's files are not.
 *
 * Frames that can have a name (code, and code in no module) are put in order
 * of module, address and flags, which the reader does as well: neighbours are
 * mostly of one function, and no number of a frame is stored. Each has a chain
 * of calls, innermost first. A block covers a run of this order and says the
 * checksum of the frames it is for; where that is not what the reader finds,
 * because a block of frames was damaged, it is not used.
 */
#ifndef MEMPROF_TRACE_PORTABLE_H
#define MEMPROF_TRACE_PORTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/model.h"
#include "trace/reader.h"

enum {
	PORTABLE_DEPTH = 64, /* calls of one frame */
};

/* What was known of the file of a module. */
enum portable_state {
	PORTABLE_UNUSED, /* nobody asked */
	PORTABLE_LINES, /* had debug information */
	PORTABLE_NAMES, /* had none; functions may have names */
	PORTABLE_MISSING, /* was not there */
	PORTABLE_CHANGED, /* was not the one that was run */
	PORTABLE_UNREADABLE,
	PORTABLE_NO_FILE, /* is made by the kernel */
	PORTABLE_LATE, /* time was up before it was looked at */
	PORTABLE_SPLIT, /* had lines, but the rest was in a file not found */
	PORTABLE_STATES,
};

enum portable_flags {
	PORTABLE_ASKED = 1, /* debuginfod had been asked */
};

struct portable_call {
	const char *function; /* mangled as it may be; NULL unknown */
	const char *file; /* NULL unknown */
	uint32_t line; /* 0 unknown */
};

enum portable_column {
	PORTABLE_HEAD, /* first, count, checksum, flags */
	PORTABLE_MODULES, /* a byte of portable_state each, in the last block */
	PORTABLE_FUNCTIONS, /* strings, each with a zero behind */
	PORTABLE_FILES,
	PORTABLE_COUNTS, /* calls of each frame; 0 not looked up */
	PORTABLE_CALL_FUNCTIONS, /* see portable.c for these */
	PORTABLE_CALL_FILES,
	PORTABLE_CALL_LINES,
	PORTABLE_COLUMNS,
};

/*
 * Numbers of the frames that may have names, in the order of the blocks; free()
 * it. NULL when there are none.
 */
uint32_t *portable_order(const struct trace *t, size_t *count);

/* Of `count` frames from `order` on. */
uint64_t portable_checksum(const struct trace *t, const uint32_t *order,
			   size_t count);

/* What a call is coded against. */
struct portable_last {
	uint32_t function, file; /* numbers, + 1; 0 none */
	uint32_t line;
};

enum portable_code {
	PORTABLE_SAME = 1,
	PORTABLE_NEXT = 2,
	PORTABLE_GIVEN = 3,
	PORTABLE_PLACES = 8, /* of a chain; those further in share the last */
};

/* Where the call `from_outer` steps from the outer end is remembered. */
static inline struct portable_last *portable_place(struct portable_last *all,
						   size_t from_outer)
{
	return &all[from_outer < PORTABLE_PLACES ? from_outer
						 : PORTABLE_PLACES - 1];
}

/* Reading: all blocks of a trace; NULL when it has none that is good. */
struct portable;

struct portable *portable_open(const struct trace *t);
void portable_close(struct portable *p);
/* Calls of a frame, borrowed; 0 when none are kept. */
size_t portable_calls(const struct portable *p, uint32_t frame,
		      const struct portable_call **calls);
enum portable_state portable_state(const struct portable *p, uint32_t module);
uint32_t portable_flags(const struct portable *p);

#endif
