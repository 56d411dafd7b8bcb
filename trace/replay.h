/*
 * replay - add events up, from a checkpoint on, as the collector did.
 *
 * For traces that were cut: their last checkpoint is not their end. Uses the
 * collector's own sites.h, and checks first what that takes for granted, that
 * nothing ends which has not begun.
 */
#ifndef MEMPROF_TRACE_REPLAY_H
#define MEMPROF_TRACE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/catalog.h"
#include "trace/checkpoint.h"
#include "trace/model.h"
#include "trace/sites.h"

struct replay {
	struct sites sites;
	uint32_t *process; /* of each site, owned; MODEL_NO_SITE unknown */
};

/* From what checkpoints said. */
void replay_init(struct replay *r, const struct catalog *c,
		 const struct checkpoint_sites *from,
		 const struct checkpoint *at);
void replay_release(struct replay *r);

/* False when it can not have happened. */
bool replay_event(struct replay *r, const struct model_event *e);
/* Gives the stats back, with shares in the peak that are good. */
void replay_finish(struct replay *r, struct checkpoint_sites *to,
		   struct checkpoint *at);

#endif
