/*
 * bound - keeps a trace below a size: old events go, sums stay.
 *
 * The events of a bounded trace come in segments. One begins with a checkpoint
 * of every site and a block where decoding may begin, so those before it can be
 * left out: totals, peaks and what is live stay exact, and only what began and
 * ended in the part that is gone has lost its times.
 *
 * What stays is copied to a new file beside, which then takes the name of the
 * old one: whenever the collector is killed, one of the two is whole there.
 */
#ifndef MEMPROF_TRACE_BOUND_H
#define MEMPROF_TRACE_BOUND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/err.h"
#include "trace/writer.h"

struct bound {
	uint64_t most; /* bytes; 0: any number */
	const char *path; /* of the file, borrowed */
	size_t *segments; /* first entry of each in the writer's list; owned */
	size_t count, capacity;
	uint64_t segment_start; /* offset of the last one */
	uint64_t folded_size; /* of the file after the last time */
	uint64_t whole_size; /* of the last checkpoint of every site */
	/* While a file is being made: */
	char new_path[PATH_MAX + 16];
	struct writer old;
	size_t first; /* entry of the old file that is kept */
};

enum {
	BOUND_LEAST = 1 << 20, /* bytes that may be asked for */
	BOUND_BLOCK_SHARE = 8, /* of the bound that a block or segment takes */
};

void bound_release(struct bound *b);

/* Is the last segment long enough to be followed by another? */
bool bound_wants_segment(const struct bound *b, const struct writer *w);
/* One begins with the next block. */
void bound_add_segment(struct bound *b, const struct writer *w);

/* Is it time to leave something out? */
bool bound_is_reached(const struct bound *b, const struct writer *w);

/*
 * Makes the writer write to a new file, which has the first block of the old.
 * The caller writes the tables anew. -1 with err set: nothing has changed.
 */
int bound_start(struct bound *b, struct writer *w, struct err *err);
/*
 * Adds the segments that may stay. False when that is none: the caller then
 * begins one.
 */
bool bound_keep(struct bound *b, struct writer *w, struct err *err);
/*
 * Gives the new file the old one's name and descriptor; when something has
 * failed since bound_start(), the writer goes back to the old file.
 */
int bound_finish(struct bound *b, struct writer *w, struct err *err);

#endif
