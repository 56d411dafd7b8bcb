/*
 * held - what processes hold of the heap, while events are followed.
 *
 * Bytes are as questions count them: of a sample, what recorded blocks stand
 * for.
 */
#ifndef MEMPROF_ANALYZER_HELD_H
#define MEMPROF_ANALYZER_HELD_H

#include "analyzer/profile.h"
#include "trace/err.h"

#include <stdint.h>

struct held {
	struct profile *profile; /* borrowed */
	uint64_t *bytes; /* by process, and one unknown; owned */
	uint64_t total;
	uint32_t *process; /* by site; owned */
};

/* As it is before the first event of the trace; -1 with err set. */
int held_init(struct held *h, struct profile *p, struct err *err);
void held_release(struct held *h);

/* What a block of that size stands for. */
uint64_t held_weigh(const struct held *h, uint64_t size);

/* The block that an event begins, and the one that it ends. */
void held_begin(struct held *h, const struct model_event *e);
void held_end(struct held *h, const struct model_event *e);
/* A process has ended. */
void held_exit(struct held *h, uint32_t process);

/* What the process of a site holds. */
uint64_t held_of(const struct held *h, uint32_t site);

#endif
