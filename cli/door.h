/*
 * door - where others reach the memprof that traces a process.
 *
 * Programs ask for the ring, and `memprof mark` and others give orders.
 *
 * A program is told in which process and under which number the ring is open,
 * and opens it in /proc. One that runs as another user, in another namespace
 * or where there is no /proc can not: it asks for it here, at an abstract
 * socket, and is sent the descriptor when it knows the nonce. See ring.h.
 */
#ifndef MEMPROF_CLI_DOOR_H
#define MEMPROF_CLI_DOOR_H

#include "trace/err.h"

#include <stdint.h>

enum door_verb {
	DOOR_MARK = 1, /* `name` is the mark's */
	DOOR_START,
	DOOR_STOP,
	DOOR_LEAKS, /* of the process `pid`; the answer is the mark's name */
	DOOR_LEAKS_DONE, /* is that in the trace? */
};

/* An order, as it is sent. */
struct door_order {
	char magic[8]; /* DOOR_MAGIC */
	uint32_t verb;
	int32_t pid; /* of the process that it is about */
	char name[260]; /* ends with a NUL */
};

#define DOOR_MAGIC "mpforder"

enum door_code {
	DOOR_REFUSED, /* the order was another user's */
	DOOR_OBEYED,
	DOOR_NOT_YET,
	DOOR_FAILED, /* `text` says why */
};

struct door_answer {
	uint32_t code; /* enum door_code */
	char text[512]; /* ends with a NUL */
};

struct door {
	int fd; /* readable when somebody asks; -1 there is no door */
	int ring; /* borrowed */
	uint64_t nonce;
	/* Carries an order out; the answer is empty, and DOOR_OBEYED. */
	void (*obey)(void *context, const struct door_order *order,
		     struct door_answer *answer);
	void *context;
};

/* Fails in silence: most programs need no door. */
void door_open(struct door *d, int ring, uint64_t nonce);

/* Answer who asks by now. Orders count from our own user and from root. */
void door_serve(const struct door *d);

/*
 * Gives an order to the memprof that traces order->pid. -1 with err set when
 * there is none, or it does not obey; `answer` may be NULL.
 */
int door_order(const struct door_order *order, struct door_answer *answer,
	       struct err *err);

void door_close(struct door *d);

#endif
