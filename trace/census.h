/*
 * census - who lives: the processes and threads in the ring.
 *
 * Agents say when a process or a thread begins, but nobody says when it ends:
 * that is found by asking the kernel, now and then. What has ended is kept
 * until its last record is read.
 */
#ifndef MEMPROF_TRACE_CENSUS_H
#define MEMPROF_TRACE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/book.h"
#include "trace/clock.h"
#include "trace/pool.h"

/* A process that is in the ring, and not yet known. */
struct census_new {
	uint32_t serial, slot;
};

struct census {
	struct book *book; /* borrowed, as the next two */
	struct pool *pool;
	struct clock *clock;
	const char *program; /* path of the one that was started, owned */
	int32_t pid; /* of it; 0 not known */
	dev_t device; /* of the ring, to find it in /proc/PID/maps */
	ino_t inode;
	struct process *process[RING_PROCESSES]; /* by slot, of the book */
	struct process *alive[RING_PROCESSES]; /* the same, by number */
	size_t alive_count;
	struct census_new fresh[RING_PROCESSES]; /* found by a look */
	struct thread *by_slot[RING_THREADS];
	struct pollfd ends[RING_PROCESSES]; /* asked who has ended */
	struct thread **threads; /* those that live; owned */
	size_t count, capacity;
	struct model_quality ended; /* counted by who is gone */
	uint64_t next_sweep; /* ns */
	size_t crowd; /* threads at which to sweep before that */
	uint64_t last_look; /* ns, at what slots count as lost */
	size_t next_name; /* thread to ask for its name */
	size_t next_nested; /* process to look for in other namespaces */
	bool proc_is_ours;
};

void census_init(struct census *c, struct book *book, struct pool *pool,
		 struct clock *clock, const char *program);
void census_release(struct census *c);

/* Each pass: finds who is new. */
void census_look(struct census *c);
/* Each pass, after records were read: lets go of who has ended. */
void census_part(struct census *c);
/* Now and then: finds who has ended, and names. `now` is ns. */
void census_sweep(struct census *c, uint64_t now);
/* The run is over and everything has been read. */
void census_finish(struct census *c, uint64_t now);

size_t census_live_processes(struct census *c);
/* What agents have counted so far. */
void census_quality(const struct census *c, struct model_quality *q);

#endif
