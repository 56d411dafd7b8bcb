/*
 * reader - open a trace and have its tables and final totals.
 *
 * Opening checks every block's checksum but decodes only tables and
 * checkpoints, so it takes time and memory in proportion to the number of
 * distinct stacks; events are decoded only on request, or when the trace was
 * cut and the totals since its last checkpoint have to be made up.
 *
 * No byte of the file is trusted: numbers are checked against their tables,
 * lengths against the file, and the stats so that nothing is negative. A
 * trace that is cut or damaged still opens when its first block is whole;
 * trace_quality() says what is missing, and trace_problem() says it in words.
 *
 * Everything returned is borrowed until trace_close().
 */
#ifndef MEMPROF_TRACE_READER_H
#define MEMPROF_TRACE_READER_H

#include "trace/err.h"
#include "trace/model.h"

#include <stdbool.h>
#include <stddef.h>

struct trace;

/* NULL with err set when nothing can be read from the file. */
struct trace *trace_open(const char *path, struct err *err);
void trace_close(struct trace *t);

/*
 * Asked before each block of events that is read, of which there are thousands
 * in a long run: true gives the reading up, which then fails with "stopped".
 */
void trace_on_read(struct trace *t, bool (*stops)(void *arg), void *arg);

/* NULL, or one sentence on what is missing ("cut after 3.2 s: ..."). */
const char *trace_problem(const struct trace *t);

struct trace_run {
	size_t argc;
	/* Any bytes: no terminal should see them raw. */
	const char *const *argv;
	const char *cwd;
	const char *host;
	const char *version; /* of memprof */
	int32_t pid;
	uint64_t start_realtime; /* ns since 1970 */
	uint64_t duration; /* ns */
	uint64_t sample; /* bytes; 0 when all blocks are recorded: weight.h */
	int status; /* as wait(2) gives it; -1 not known */
	bool is_live; /* it is still being written */
	uint64_t events; /* in the file */
	uint64_t file_size; /* bytes */
	uint64_t max_size; /* bytes that were asked for; 0: any */
	/*
	 * Where the events that were kept begin: number and ns. Both 0 unless
	 * those before were left out to stay below max_size. No instant before
	 * can be had; what began there has no number (model.h).
	 */
	uint64_t first_event, first_time;
};

const struct trace_run *trace_run(const struct trace *t);
const struct model_quality *trace_quality(const struct trace *t);
const struct model_peak *trace_peak(const struct trace *t, enum model_kind k);

const struct model_process *trace_processes(const struct trace *t, size_t *n);
const struct model_thread *trace_threads(const struct trace *t, size_t *n);
const struct model_module *trace_modules(const struct trace *t, size_t *n);
const struct model_code *trace_codes(const struct trace *t, size_t *n);
const struct model_frame *trace_frames(const struct trace *t, size_t *n);
/* What processes of Python had, when they were looked at. */
const struct model_objects *trace_objects(const struct trace *t, size_t *n);
/* In the order in which they ended. */
const struct model_gc *trace_gc(const struct trace *t, size_t *n);
const struct model_node *trace_nodes(const struct trace *t, size_t *n);
const struct model_site *trace_sites(const struct trace *t, size_t *n);
/* One for each site, at the end of the run. Their sum fits an int64_t. */
const struct model_stats *trace_stats(const struct trace *t);

/* In order of time; names are any bytes. */
const struct model_mark *trace_marks(const struct trace *t, size_t *n);
/* In order of time; those of one time are of different processes. */
const struct model_balance *trace_balance(const struct trace *t, size_t *n);
/* Of each process at most one. None: nobody asked what was lost. */
const struct model_leaks *trace_leaks(const struct trace *t, size_t *n);
/* In order of time; `usage` is where their entries are. */
const struct model_sample *trace_samples(const struct trace *t, size_t *n,
					 const struct model_usage **usage);

/* The file's blocks, for those who read them: portable.h, excerpts.h. */
struct blocks;
const struct blocks *trace_blocks(const struct trace *t);

/*
 * Walk the events from the first that was kept. trace_events_next() gives 1, 0 at the end, -1 with
 * err set when a block of events is missing or lies.
 */
struct trace_events;
struct trace_events *trace_events_open(const struct trace *t);
int trace_events_next(struct trace_events *e, struct model_event *event,
		      struct err *err);
void trace_events_close(struct trace_events *e);

#endif
