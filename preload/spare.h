/*
 * spare - what attachments leave behind in the program, to be used again.
 */
#ifndef MEMPROF_PRELOAD_SPARE_H
#define MEMPROF_PRELOAD_SPARE_H

#include "preload/agent.h"

struct spare {
	struct ring *ring; /* where a ring was mapped: private memory now */
	struct local *local; /* as it was left */
	uint32_t threads; /* places in it that have been taken */
};

/*
 * The memory of the attachment that ends, which is still that of `agent`; the
 * ring is still mapped, and agent.state AGENT_OFF. Threads lose their places.
 */
void spare_give(const struct spare *s);

/* What no thread can be using any more. False: there is none. */
bool spare_take(struct spare *s);

#endif
