/*
 * snapshot - what the objects of Python were, when somebody looked last.
 */
#ifndef MEMPROF_ANALYZER_SNAPSHOT_H
#define MEMPROF_ANALYZER_SNAPSHOT_H

#include "trace/model.h"

struct profile;

/*
 * Of each process the last look at it before the profile's instant: the one
 * behind `o`, NULL the first. NULL when there is no other.
 */
const struct model_objects *snapshot_next(const struct profile *p,
					  const struct model_objects *o);

#endif
