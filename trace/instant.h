/*
 * instant - what sites had at any moment of a run.
 *
 * An instant moves: it goes on from where it is when that is nearer, else
 * begins at the last checkpoint before its goal, and adds the events up from
 * there. So a move costs what lies between two checkpoints, however long the
 * run, and memory in proportion to the sites.
 *
 * An instant of time is after all events of that time or before; times are
 * about a millisecond coarse (model.h). An instant by number of events is
 * exact.
 *
 * What a process had when it ended counts as freed from then on.
 */
#ifndef MEMPROF_TRACE_INSTANT_H
#define MEMPROF_TRACE_INSTANT_H

#include "trace/err.h"
#include "trace/model.h"
#include "trace/reader.h"

#include <stdint.h>

struct instant;

/* Before the first event. The trace is borrowed. */
struct instant *instant_open(const struct trace *t);
void instant_close(struct instant *i);

/*
 * Each moves to where it says. -1 with err set when events that are needed
 * can not be read; the instant is then nowhere, and may be moved again.
 */
int instant_seek_time(struct instant *i, uint64_t ns, struct err *err);
int instant_seek_event(struct instant *i, uint64_t events, struct err *err);
/*
 * Where a checkpoint is, at `ns` or before: reads no event, so instant_block()
 * is not known there.
 */
int instant_seek_near(struct instant *i, uint64_t ns, struct err *err);
/* After the event by which the heap was as high as it ever was. */
int instant_seek_peak(struct instant *i, struct err *err);

/* Starts a walk (walk.h) with the first event behind the instant. */
void instant_walk(const struct instant *i, struct trace_events *e);

/*
 * Of the run up to the instant, one for each site; borrowed until the next
 * move. Shares in the peak are those of the highest until then.
 */
const struct model_stats *instant_stats(struct instant *i);
const struct model_peak *instant_peak(const struct instant *i,
				      enum model_kind kind);
/* Events, and heap blocks begun, before it; ns since the start. */
uint64_t instant_event(const struct instant *i);
uint64_t instant_block(const struct instant *i);
uint64_t instant_time(const struct instant *i);

#endif
