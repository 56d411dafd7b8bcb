/*
 * frames - the places in files that stacks go through, each once.
 *
 * Frame 0 is always there and says that nothing is known: it stands at the
 * root and where the stack could not be followed.
 */
#ifndef MEMPROF_TRACE_FRAMES_H
#define MEMPROF_TRACE_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"
#include "trace/model.h"

struct frames {
	struct model_frame *list; /* owned */
	size_t count, capacity;
	struct index index;
};

void frames_init(struct frames *all);
uint32_t frames_intern(struct frames *all, const struct model_frame *f);
void frames_release(struct frames *all);

#endif
