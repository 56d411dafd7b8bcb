/*
 * objects - what the live blocks of a Python process are, by type, and how full
 * its arenas.
 *
 * Read from outside, in a process that stands still or in a copy of one: blocks
 * are known, and what one is says the word in it that points to its type. A
 * type is what its own type, or that one's, is `type`, the only thing that is
 * its own type. So no address has to be asked for, and no name of a version's
 * structures but these: where a type keeps its name and its flags, which say
 * how much stands in front of its objects, has been the same from 3.6 to 3.13.
 */
#ifndef MEMPROF_TRACE_OBJECTS_H
#define MEMPROF_TRACE_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/err.h"
#include "trace/heap.h"
#include "trace/mappings.h"
#include "trace/model.h"
#include "trace/peek.h"
#include "trace/writer.h"

struct objects_task {
	const struct heap *heap; /* borrowed, as all of these */
	const struct mappings *mappings;
	struct peek *peek;
	uint32_t version; /* of Python, as PY_VERSION_HEX */
	size_t site_count; /* of the run */
};

/* Fills all but process and time; what is in it is owned by `o`. */
void objects_find(const struct objects_task *t, struct model_objects *o);
void objects_release_one(struct model_objects *o);

/* Is the range memory of pymalloc's, by the blocks that are in it? */
bool objects_is_arena(const struct heap *heap, uint32_t version,
		      const struct mappings_range *range);

enum objects_column {
	/* process, time, arenas, their bytes, bytes and pools free in them;
	 * types, entries, classes, pins */
	OBJECTS_HEAD,
	OBJECTS_STRINGS, /* names of types */
	OBJECTS_TYPES, /* instances, bytes, values; of each type */
	/* site less that before, type, blocks, bytes, of which one reference */
	OBJECTS_ENTRIES,
	OBJECTS_CLASSES, /* bytes of a block; pools, blocks, room for blocks */
	OBJECTS_PINS, /* site less that before less 1; arenas, blocks, bytes */
	OBJECTS_COLUMNS,
};

struct objects {
	struct model_objects *list; /* owned, with what is in it */
	size_t count, capacity;
	size_t written; /* to the file */
};

/* Takes over what is in `o`. */
void objects_add(struct objects *all, const struct model_objects *o);
void objects_release(struct objects *all);

void objects_put(const struct model_objects *o, struct column *c);
/* Writes what is new. */
int objects_write(struct objects *all, struct writer *w, struct err *err);
/* Readers: as marks_read(). */
bool objects_read(struct objects *all, const uint8_t *payload, size_t size,
		  uint64_t *budget);

#endif
