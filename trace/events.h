/*
 * events - the columns of a block of events, for those who write and read it.
 *
 * An event is an operation byte and, in other columns, what its bits call for.
 * What ends is named by its rank: how many live heap blocks are younger
 * (order.h). So writer and reader both keep what is live in order. A block with
 * FORMAT_FRESH lists what is live before its first event, and all guesses are
 * forgotten there: decoding may begin.
 *
 * Why ranks: they keep the identity of each block, and take less than ages:
 * 2/3 of the bytes on cc1plus, half on sqlite3, 10 bits of 12 where blocks end
 * at random. What is left is what the program's choice is worth: which of
 * 20,000 random keys goes takes 14 bits, whatever the code.
 */
#ifndef MEMPROF_TRACE_EVENTS_H
#define MEMPROF_TRACE_EVENTS_H

#include "trace/scale.h"

enum events_column {
	EVENTS_HEAD, /* see enum events_head; one varint each */
	EVENTS_OPS, /* a byte an event: verb and flags */
	EVENTS_SITES, /* that are not as guessed; varints, see events_planes */
	EVENTS_ENDED_SITES = EVENTS_SITES + 3, /* the same, of mappings */
	EVENTS_SLACKS, /* of sites that are not exact: largest size - size */
	EVENTS_TIMES, /* ticks since the last */
	EVENTS_NUMBERS, /* unmapped bytes, processes and what they had */
	EVENTS_LIVE_SITES, /* fresh: of what is live, oldest first; 0 as guessed */
	EVENTS_LIVE_SLACKS,
	EVENTS_RANKS, /* as in scale.h */
	EVENTS_COLUMNS = EVENTS_RANKS + SCALE_COLUMNS,
};

enum events_head {
	EVENTS_HEAD_COUNT, /* events in here, operations of time not counted */
	EVENTS_HEAD_FIRST, /* events before */
	EVENTS_HEAD_BLOCKS, /* heap blocks begun before */
	EVENTS_HEAD_TIME, /* ns since start, of the first event */
	EVENTS_HEAD_LIVE, /* heap blocks that are live before */
	EVENTS_HEAD_PLANES, /* see below */
};

/*
 * Varints of SITES, one behind the other, or the first byte of each, the second
 * and the others in columns of their own. The first compresses better where a
 * program repeats itself, the second where it does not.
 */
enum events_planes {
	EVENTS_PLANES = 3,
};

enum events_verb {
	EVENTS_ALLOC, /* a block begins */
	EVENTS_FREE, /* a block ends */
	EVENTS_REALLOC, /* one ends, the next begins */
	EVENTS_MOVED_IN, /* by realloc of something unknown */
	EVENTS_MAP,
	EVENTS_UNMAP, /* bytes in NUMBERS */
	EVENTS_EXIT, /* in NUMBERS the process, and how far its blocks reach */
	EVENTS_TIME, /* no event: time goes on */
};

enum events_flag {
	EVENTS_VERB = 7,
	EVENTS_GUESSED = 8, /* the site that begins is the one expected */
	EVENTS_END_GUESSED = 32, /* UNMAP: so is the site that ends */
	EVENTS_YOUNGEST = 64, /* rank 0: what ends is the youngest that lives */
	/* FREE; for UNMAP: nothing is left; for REALLOC: to elsewhere */
	EVENTS_TEMPORARY = 128,
};

enum {
	EVENTS_TICK_SHIFT = 16, /* ns a tick: 65,536 */
	EVENTS_STEP = 1 << 20, /* ns that may pass without saying so */
};

#endif
