/*
 * collector - turn the ring's records into a trace.
 *
 * Owned by `memprof run`: it makes the ring, polls it while the program runs,
 * and finishes the file. It believes nothing that the ring says; a broken
 * record ends its thread's stream and is counted.
 */
#ifndef MEMPROF_TRACE_COLLECTOR_H
#define MEMPROF_TRACE_COLLECTOR_H

#include "trace/err.h"
#include "trace/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collector;
struct way;

struct collector_options {
	int fd; /* the file, open for writing, borrowed */
	size_t argc;
	char *const *argv;
	uint32_t ring_flags; /* enum ring_flags */
	uint32_t verify; /* see struct ring_header */
	uint64_t
		flush_every; /* ns between blocks when little happens, 0: 1 s */
	uint64_t sample; /* bytes; see struct ring_header */
	bool start_off; /* record nothing until somebody says so */
	uint64_t max_size; /* bytes of the file, at least BOUND_LEAST; 0: any */
	const char *path; /* of the file, borrowed; for max_size */
	int ring_fd; /* a memfd for the ring, borrowed; 0: make one */
	bool redact; /* arguments, directory and host stay out */
	bool strict_roots; /* see roots.h */
	/* How a process that goes on leaves a copy; NULL: it is not looked at. */
	const struct way *way;
	/* At which marks that is to be done; NULL: none. */
	bool (*is_looked_at)(void *context, const char *name);
	void *context;
};

/* Makes and seals the ring and writes the file's first block. */
struct collector *collector_create(const struct collector_options *o,
				   struct err *err);

/* The ring's memfd, close-on-exec; borrowed. */
int collector_ring_fd(const struct collector *c);
uint64_t collector_nonce(const struct collector *c);

/* Once, when the pid of the program is known and before it may run. */
void collector_set_pid(struct collector *c, int32_t pid);

/*
 * One pass: beats the heart, takes what is committed, writes what is due.
 * Gives the bytes of records taken (0: nothing new), or -1 with err set when
 * the file can not be written any more (disk full); polling on then keeps the
 * program going and counts what is dropped.
 */
int64_t collector_poll(struct collector *c, struct err *err);

/*
 * Give this moment a name; switch recording on or off, in all processes. What
 * has happened by now comes before it, what comes later behind: records are
 * taken first. `name` is copied.
 */
void collector_mark(struct collector *c, const char *name,
		    enum model_mark_source source);
void collector_record(struct collector *c, bool on,
		      enum model_mark_source source);
/*
 * Find out what nothing points to any more in the process of that pid, which
 * goes on. The moment is given a name, of LOOKOUT_NAME bytes. -1 with err set
 * when there is no such process.
 */
int collector_leaks(struct collector *c, int32_t pid, char *name,
		    struct err *err);
/* Is that still under way, or not yet in the file? */
bool collector_is_looking(const struct collector *c);

bool collector_is_recording(const struct collector *c);

/* False when no process has ever attached. */
bool collector_saw_agent(const struct collector *c);
/* Processes that are attached and not known to have ended. */
size_t collector_live_processes(struct collector *c);

/*
 * The program has ended with `status` (as wait(2) gives it): take what is
 * left, write the last blocks. -1 with err set when they could not be written.
 */
int collector_finish(struct collector *c, int status, struct err *err);

/* For the closing lines of `memprof run`. Valid after collector_finish(). */
struct collector_summary {
	uint64_t allocations, allocated_bytes, frees;
	uint64_t live_blocks, live_bytes;
	struct model_peak peak;
	uint64_t duration; /* ns */
	uint64_t events, trace_bytes;
	bool is_too_large; /* what can not be left out is more than max_size */
	struct model_quality quality;
};
void collector_summary(const struct collector *c, struct collector_summary *s);

void collector_destroy(struct collector *c);

#endif
