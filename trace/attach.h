/*
 * attach - what memprof says to the agent in a program that it has stopped.
 *
 * The order is written into the program's memory, and its address is the one
 * argument of memprof_attach(), memprof_detach() or memprof_copy(), which the
 * agent exports; the answer is written into the order.
 */
#ifndef MEMPROF_TRACE_ATTACH_H
#define MEMPROF_TRACE_ATTACH_H

#include <stdint.h>

enum {
	ATTACH_VERSION = 2,
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

/* For memprof_copy(): the process is to leave a copy of itself, and go on. */
struct attach_copy {
	uint32_t version;
	uint32_t answer; /* enum attach_answer; ATTACH_BUSY: there is one */
	int32_t pid; /* the copy's; 0 there is none: */
	int32_t error; /* errno of what failed */
};

_Static_assert(sizeof(struct attach_order) == 48, "both sides agree");
_Static_assert(sizeof(struct attach_copy) == 16, "both sides agree");

#endif
