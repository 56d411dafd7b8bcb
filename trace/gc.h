/*
 * gc - what Python's cyclic collector did, and which blocks only it freed.
 *
 * What the thread that collects frees while it collects was not freed by
 * reference counts: it was part of a cycle, or held by one. Since when it was
 * garbage nobody knows; but it was none yet when a run that looked at its
 * generation ended before, nor before it was allocated, so how long it waited
 * has a bound.
 */
#ifndef MEMPROF_TRACE_GC_H
#define MEMPROF_TRACE_GC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/err.h"
#include "trace/model.h"
#include "trace/ring.h"
#include "trace/writer.h"

enum {
	GC_GENERATIONS = 3, /* those above count as the last */
	GC_BIRTHS = 256, /* moments remembered, to tell the age of blocks */
};

enum gc_column {
	GC_HEAD, /* runs, sites */
	/* process, generation, time, duration, since, collected, uncollectable,
	 * sites; varints */
	GC_RUNS,
	GC_SITES, /* site less that before less 1, blocks, bytes, waited */
	GC_COLUMNS,
};

/* All runs; when they are written only a bounded trace still needs them. */
struct gc {
	struct model_gc *list; /* owned */
	size_t count, capacity;
	struct model_gc_site
		*sites; /* owned; of all runs, one after the other */
	size_t site_count, site_capacity;
	size_t written; /* runs in the file */
};

/* Blocks begun before a moment. */
struct gc_birth {
	uint64_t block; /* number of the next */
	uint64_t time; /* ns */
};

/* Of a process. */
struct gc_history {
	uint64_t ended[GC_GENERATIONS]; /* ns: last run of it, or an older */
	struct gc_birth births[GC_BIRTHS]; /* a ring */
	uint32_t birth_count; /* ever */
};

/* A run that is under way, of the thread that collects. */
struct gc_run {
	struct model_gc gc;
	struct gc_history *history; /* borrowed */
	struct model_gc_site *sites; /* owned */
	size_t count, capacity, sorted;
	uint64_t first_after; /* blocks from this number on have begun since */
	uint64_t own[RING_GC_OWN];
	size_t own_count;
};

/* A block as it is freed. */
struct gc_block {
	uint64_t number, size;
	uint32_t site;
};

/*
 * It begins now. The caller then lists in `own` the numbers of blocks that are
 * freed while it runs and are no garbage.
 */
struct gc_run *gc_begin(struct gc_history *h, uint32_t process,
			uint32_t generation, const struct gc_birth *now);
void gc_free(struct gc_run *run, const struct gc_block *b);
/* Objects, as Python counts them; destroys the run. */
void gc_end(struct gc *all, struct gc_run *run, uint64_t now,
	    const uint64_t objects[2]);
void gc_drop(struct gc_run *run); /* NULL allowed */

void gc_release(struct gc *all);

/* Writes what is new, and forgets it unless `keep`. */
int gc_write(struct gc *all, bool keep, struct writer *w, struct err *err);
/* Readers: as marks_read(); then all runs have their sites. */
bool gc_read(struct gc *all, const uint8_t *payload, size_t size,
	     uint64_t *budget);
void gc_finish(struct gc *all);

#endif
