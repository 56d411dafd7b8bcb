/*
 * process - what the collector knows about a traced process.
 */
#ifndef MEMPROF_TRACE_PROCESS_H
#define MEMPROF_TRACE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/gc.h"
#include "trace/live.h"
#include "trace/losses.h"
#include "trace/mappings.h"
#include "trace/model.h"
#include "trace/python.h"
#include "trace/reorder.h"
#include "trace/space.h"

struct process {
	struct model_process model; /* owns its strings */
	uint32_t number; /* in the trace */
	uint32_t slot; /* in the ring, until it has ended */
	uint32_t serial; /* in the ring */
	struct space space;
	struct python python;
	struct gc_history *gc; /* owned; NULL: nothing was collected */
	struct process *heir_of; /* these two still to be taken from it */
	struct live live;
	struct live moving; /* blocks that realloc has: by number + 1, sizes */
	struct mappings mappings;
	uint64_t bytes[MODEL_KINDS]; /* live, as recorded */
	struct reorder reused; /* blocks whose end is still to come */
	struct reorder unbegun; /* ends of blocks that are still to begin */
	struct reorder ends; /* the last ones of known blocks */
	struct losses losses;
	uint32_t first_site; /* + 1; chained by sibling */
	uint32_t *thread_names; /* threads that share an entry, by name */
	size_t thread_names_count, thread_names_capacity;
	uint32_t roots; /* threads with an entry of their own */
	int32_t host_pid; /* as we see it; 0: it is not known if it lives */
	uint64_t start_time; /* of /proc/HOST_PID/stat */
	uint64_t merge_limit; /* stamp up to which records are in order */
	uint32_t live_threads; /* slots in use */
	uint32_t pending; /* threads that have records in this pass */
	int pidfd; /* readable when it has ended; -1 none */
	bool visible; /* /proc/PID is this process */
	bool nested; /* PID is of a namespace below ours */
	bool beside; /* PID is of our namespace, if it still is anybody's */
	bool stands; /* still: none of its records is being written */
	bool known_gone; /* it has ended; its records may still wait */
	bool ended;
	uint32_t
		readers; /* of its copies, now: it keeps its slot in the ring */
	bool changed; /* since it was written to the trace */
};

struct process *process_create(uint32_t number, uint32_t slot);
/* It has ended: lets go of what only events need. */
void process_retire(struct process *p);
void process_destroy(struct process *p);

/* Replaces a string of the model. */
void process_set(const char **field, const char *text);

/* Something was not seen of it. Said once, and no more than so much. */
void process_add_limit(struct process *p, const char *text);

/* It runs the file at `path`. */
void process_set_program(struct process *p, const char *path);

#endif
