/*
 * events - the columns of a block of events, for those who write and read it.
 *
 * An event is an operation byte and, in other columns, what its bits call for.
 * Nothing in the block depends on other blocks but the numbers in its head and
 * the guesses, which are forgotten at each block with FORMAT_FRESH: there
 * decoding may begin. A block of memory that began before this block of events names
 * its site when it ends, so that nobody has to remember what is live.
 */
#ifndef MEMPROF_TRACE_EVENTS_H
#define MEMPROF_TRACE_EVENTS_H

#include "trace/scale.h"

enum events_column {
	EVENTS_HEAD, /* see enum events_head; one varint each */
	EVENTS_OPS, /* a byte an event: verb and flags */
	EVENTS_SITES, /* that are not as guessed */
	EVENTS_ENDED_SITES, /* the same, of what began before */
	EVENTS_SLACKS, /* of sites that are not exact: largest size - size */
	EVENTS_TIMES, /* ticks since the last */
	EVENTS_NUMBERS, /* unmapped bytes, processes */
	/* Of what ends, how many blocks ago it began; as in scale.h. */
	EVENTS_AGES,
	EVENTS_COLUMNS = EVENTS_AGES + SCALE_COLUMNS,
};

enum events_head {
	EVENTS_HEAD_COUNT, /* events in here, operations of time not counted */
	EVENTS_HEAD_FIRST, /* events before */
	EVENTS_HEAD_BLOCKS, /* heap blocks begun before */
	EVENTS_HEAD_TIME, /* ns since start, of the first event */
};

enum events_verb {
	EVENTS_ALLOC, /* a block begins */
	EVENTS_FREE, /* a block ends */
	EVENTS_REALLOC, /* one ends, the next begins */
	EVENTS_MOVED_IN, /* by realloc of something unknown */
	EVENTS_MAP,
	EVENTS_UNMAP, /* bytes in NUMBERS */
	EVENTS_EXIT, /* process in NUMBERS */
	EVENTS_TIME, /* no event: time goes on */
};

enum events_flag {
	EVENTS_VERB = 7,
	EVENTS_GUESSED = 8, /* the site that begins is the one expected */
	EVENTS_BEFORE = 16, /* what ends began before this block of events */
	EVENTS_END_GUESSED = 32, /* and its site is the one expected */
	EVENTS_YOUNGEST = 64, /* what ends is the last block begun: age 1 */
	EVENTS_TEMPORARY = 128, /* FREE; for UNMAP: nothing is left */
};

enum {
	EVENTS_TICK_SHIFT = 16, /* ns a tick: 65,536 */
	EVENTS_STEP = 1 << 20, /* ns that may pass without saying so */
};

#endif
