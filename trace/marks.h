/*
 * marks - moments that were given a name while the program ran.
 *
 * A mark lies between two events, and is as exact as their order.
 */
#ifndef MEMPROF_TRACE_MARKS_H
#define MEMPROF_TRACE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/err.h"
#include "trace/model.h"
#include "trace/writer.h"

enum {
	MARKS_MAX = 1 << 16, /* of a run; others are counted */
	MARKS_NAME_MAX = 256, /* bytes */
};

enum marks_column {
	MARKS_HEAD, /* first, count */
	/* kind, source, process + 1, ns, and events since the mark before */
	MARKS_NUMBERS,
	MARKS_STRINGS, /* name */
	MARKS_COLUMNS,
};

struct marks {
	struct model_mark *list; /* owned, with their names */
	size_t count, capacity;
	size_t written; /* to the file */
	uint64_t dropped; /* there were too many */
};

/* The name is copied, and cut when it is long. */
void marks_add(struct marks *m, const struct model_mark *mark);
void marks_release(struct marks *m);

/* Writes what is new. */
int marks_write(struct marks *m, struct writer *w, struct err *err);
/*
 * Readers: adds those of a block; what they take comes out of `budget`. False
 * when it lies.
 */
bool marks_read(struct marks *m, const uint8_t *payload, size_t size,
		uint64_t *budget);

#endif
