/*
 * trace - an opened trace, as the files that read it see it.
 *
 * Everybody else includes reader.h.
 */
#ifndef MEMPROF_TRACE_TRACE_H
#define MEMPROF_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/balance.h"
#include "trace/blocks.h"
#include "trace/catalog.h"
#include "trace/gc.h"
#include "trace/leaks.h"
#include "trace/objects.h"
#include "trace/marks.h"
#include "trace/reader.h"
#include "trace/samples.h"
#include "trace/tally.h"

struct trace {
	struct blocks blocks;
	struct blocks_loader loader;
	struct catalog catalog;
	struct marks marks;
	struct samples samples;
	struct balance balance;
	struct leaks leaks;
	struct gc gc;
	struct objects objects;
	struct trace_run run;
	struct model_quality quality;
	struct tally sums; /* as of the end */
	struct model_peak peaks[MODEL_KINDS];
	bool lies; /* a block with a good checksum makes no sense */
	bool ended; /* has its last block, and that is */
	bool totals_are_final;
	bool (*stops)(void *arg); /* trace_on_read() */
	void *stops_arg;
	char problem[256];
};

static inline bool trace_has_type(const struct trace *t, size_t block,
				  enum format_block_type type)
{
	return t->blocks.list[block].head.type == type;
}

#endif
