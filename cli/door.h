/*
 * door - hand the ring to programs that can not find it.
 *
 * A program is told in which process and under which number the ring is open,
 * and opens it in /proc. One that runs as another user, in another namespace
 * or where there is no /proc can not: it asks for it here, at an abstract
 * socket, and is sent the descriptor when it knows the nonce. See ring.h.
 */
#ifndef MEMPROF_CLI_DOOR_H
#define MEMPROF_CLI_DOOR_H

#include <stdint.h>

struct door {
	int fd; /* readable when somebody asks; -1 there is no door */
	int ring; /* borrowed */
	uint64_t nonce;
};

/* Fails in silence: most programs need no door. */
void door_open(struct door *d, int ring, uint64_t nonce);

/* Answer who asks by now. */
void door_serve(const struct door *d);

void door_close(struct door *d);

#endif
