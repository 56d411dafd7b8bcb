/*
 * clock - what a stamp of the ring is in nanoseconds since the run began.
 *
 * Found by looking at both clocks now and then; a stamp between two looks is
 * placed between them, so a counter whose speed is not known beforehand, or
 * drifts, stays right.
 */
#ifndef MEMPROF_TRACE_CLOCK_H
#define MEMPROF_TRACE_CLOCK_H

#include <stdint.h>

struct clock_look {
	uint64_t stamp, ns;
};

struct clock {
	uint64_t origin; /* ns of CLOCK_MONOTONIC */
	struct clock_look first, before, last;
};

void clock_start(struct clock *c);
/* Look again; cheap enough for each pass. */
void clock_look(struct clock *c);
/* ns since the run began. */
uint64_t clock_now(const struct clock *c);
uint64_t clock_ns(const struct clock *c, uint64_t stamp);
/* How many stamps go by in so many ns, roughly. */
uint64_t clock_stamps(const struct clock *c, uint64_t ns);

#endif
