/*
 * attach - what `memprof attach` and an agent that it loads say to each other.
 *
 * The order is written into the program's memory, and its address is the one
 * argument of memprof_attach(), which the agent exports; the answer is written
 * into the order.
 */
#ifndef MEMPROF_TRACE_ATTACH_H
#define MEMPROF_TRACE_ATTACH_H

#include <stdint.h>

enum {
	ATTACH_VERSION = 1,
};

enum attach_answer {
	ATTACH_NO_ANSWER,
	ATTACH_DONE,
	ATTACH_OTHER_VERSION, /* the agent that is there is another one */
	ATTACH_FROM_START, /* it was preloaded: it can not be attached */
	ATTACH_BUSY, /* it records already */
	ATTACH_NO_RING, /* the ring could not be mapped */
	ATTACH_NOTHING, /* to detach from */
};

/* For memprof_attach() and memprof_detach(). */
struct attach_order {
	uint32_t version;
	uint32_t answer; /* enum attach_answer */
	uint64_t device, inode, nonce; /* of the ring */
	int32_t fd; /* the ring's, in the program */
	int32_t collector; /* pid */
	uint32_t hooks; /* answer: calls redirected, or put back */
	uint32_t missed; /* answer: those that could not be */
};

_Static_assert(sizeof(struct attach_order) == 48, "both sides agree");

#endif
