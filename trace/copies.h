/*
 * copies - the copies that processes leave of themselves, and who reads them.
 *
 * A process leaves one when it ends, and one that goes on when it is asked for
 * one; where that can not be had, it is read itself, and stands meanwhile.
 *
 * Reading one takes a second for each GiB, and other processes are to be
 * attended to meanwhile. So the collector forks: its child knows what was live
 * at that instant, reads the copy, and leaves what it found in a file.
 */
#ifndef MEMPROF_TRACE_COPIES_H
#define MEMPROF_TRACE_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/book.h"
#include "trace/err.h"
#include "trace/freeze.h"
#include "trace/leaks.h"
#include "trace/objects.h"
#include "trace/ring.h"
#include "trace/way.h"

struct copies_reader {
	pid_t pid;
	int file; /* a memfd */
	struct process *process; /* borrowed */
	uint64_t time; /* ns */
	bool goes_on; /* the process; then also: */
	int twin; /* pidfd of its copy, -1 there is none: it is held */
	char *held; /* why; owned */
	uint64_t stopped; /* ns of the monotonic clock, or how long */
	struct freeze freeze;
};

/* What the threads of a process were at when it made its copy. */
struct copies_stop {
	struct freeze freeze;
	const struct process *process; /* borrowed */
};

struct copies {
	struct leaks leaks; /* what was found, */
	struct objects objects; /* and of processes of Python */
	bool wanted; /* of each process when it ends */
	bool strict; /* see roots.h */
	const struct way *way; /* borrowed */
	struct ring *ring; /* borrowed */
	struct copies_reader *readers; /* that are at work; owned */
	size_t count, capacity;
	struct copies_stop *stops; /* owned */
	size_t stop_count, stop_capacity;
};

/* Each pass: stops the threads of who asks for it. */
void copies_stop(struct copies *c, const struct book *b,
		 struct process *const *alive, size_t count);
/*
 * A process says that it has left a copy, or that it could not. `is_near`: the
 * copy's pid is one of our namespace.
 */
void copies_take(struct copies *c, const struct book *b, struct process *p,
		 const struct ring_copy *copy, bool is_near);
/*
 * Of a process that goes on. After copies_hold() it stands still; false: it
 * does not, and h->why says why. What it did before is then to be taken from
 * the ring; copies_look_at() or copies_let_go() ends it.
 */
struct copies_hold {
	struct process *process; /* borrowed */
	struct freeze freeze;
	void *way; /* NULL: it has to stand until it has been read */
	struct err why;
	uint64_t since; /* ns of the monotonic clock */
};
bool copies_hold(struct copies *c, struct process *p, struct copies_hold *h);
void copies_let_go(struct copies *c, struct copies_hold *h);
void copies_look_at(struct copies *c, const struct book *b, uint64_t time,
		    struct copies_hold *h);
/* One that could not be looked at then, and why. */
void copies_say(struct copies *c, const struct process *p, uint64_t time,
		const char *why);
/* Each pass: learns what has been found by now. */
void copies_look(struct copies *c);
/* Is any still being read? */
static inline bool copies_are_read(const struct copies *c)
{
	return c->count > 0;
}
/* The run is over, and they are not: says why what was not looked at was not. */
void copies_finish(struct copies *c, const struct book *b, int status);
void copies_release(struct copies *c);

#endif
