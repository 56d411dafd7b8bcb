/*
 * replay - add events up, from a checkpoint on, as the collector did.
 *
 * For any moment between two checkpoints, and for traces that were cut: their
 * last checkpoint is not their end. Uses the collector's own sites.h, and
 * checks first what that takes for granted, that nothing ends which has not
 * begun.
 */
#ifndef MEMPROF_TRACE_REPLAY_H
#define MEMPROF_TRACE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/catalog.h"
#include "trace/model.h"
#include "trace/sites.h"
#include "trace/tally.h"

struct replay {
	struct sites sites;
	uint32_t *first; /* site of each process, + 1, then by sibling; owned */
	bool *ended; /* by process, since it was loaded; owned */
	size_t processes;
};

/* Of nothing yet. `sample` as the run's. */
void replay_init(struct replay *r, const struct catalog *c, uint64_t sample);
void replay_release(struct replay *r);

/* From what checkpoints said; as often as wanted. */
void replay_load(struct replay *r, const struct tally *from);
/* False when it can not have happened. */
bool replay_event(struct replay *r, const struct model_event *e);
/* A realloc of which only the block that ends counts. */
bool replay_move_out(struct replay *r, const struct model_event *e);
/* Gives the stats, with shares in the peak as tally_settle() takes them. */
void replay_finish(const struct replay *r, struct tally *to);

#endif
