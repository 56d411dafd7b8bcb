/*
 * keeper - puts names and source lines into a trace that has just been made.
 *
 * In a process of its own, which may be interrupted, take too long or too much
 * memory, or stumble over a broken file: the trace is then as it was.
 */
#ifndef MEMPROF_CLI_KEEPER_H
#define MEMPROF_CLI_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct keeper {
	pid_t pid; /* 0: it could not be started */
	int fd; /* of the trace, borrowed */
	uint64_t size; /* of the trace before */
	bool redact; /* see struct query_keep */
};

/* `fd` is open for reading and writing; no file is downloaded. */
void keeper_start(struct keeper *k, int fd, bool redact);

/* False when the trace is as it was; it takes some seconds at most. */
bool keeper_wait(struct keeper *k);

#endif
