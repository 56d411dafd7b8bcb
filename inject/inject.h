/*
 * inject - load the agent into a running process, and have it let go.
 *
 * All of it happens in one thread of the process, chosen because it stands at
 * a safe point (safe.h), in calls that undo themselves (visit_x86_64.h). No
 * file of ours need be reachable from there: the process makes two memory
 * files itself, and we fill them.
 */
#ifndef MEMPROF_INJECT_INJECT_H
#define MEMPROF_INJECT_INJECT_H

#include <stdint.h>

#include "inject/target.h"

struct inject_ring {
	int fd; /* for us: empty, to be laid out; borrowed */
	uint64_t nonce; /* to be filled in with the ring's */
};

/*
 * Once the thread is at hand, `prepare` is called to make the ring. When it
 * returns -1 with err set nothing more is done.
 */
struct inject_options {
	const char *library; /* path of the library, as seen from here */
	int (*prepare)(void *context, struct inject_ring *ring,
		       struct err *err);
	void *context;
	bool in_sandbox; /* try though seccomp may end it for that */
};

/* -1 with err set: the process is as it was. */
int inject_attach(struct target *t, const struct inject_options *o,
		  struct err *err);

/* -1 with err set: it still is attached, or has ended. */
int inject_detach(struct target *t, struct err *err);

#endif
