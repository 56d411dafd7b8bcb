/*
 * walk - the events of a trace one after the other, from any on.
 *
 * Front ends see it as trace_events in reader.h.
 */
#ifndef MEMPROF_TRACE_WALK_H
#define MEMPROF_TRACE_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "trace/decoder.h"
#include "trace/trace.h"

struct trace_events {
	const struct trace *trace; /* borrowed */
	struct blocks_loader loader;
	struct decoder decoder; /* its time and blocks: after the last event */
	size_t next_block;
	uint64_t from; /* number of the first event wanted */
	uint64_t events; /* number of the next to be given */
};

/* From event number `from` on; it is behind block `block`, or there is none. */
void walk_start(struct trace_events *e, const struct trace *t, size_t block,
		uint64_t from);
void walk_release(struct trace_events *e);

#endif
