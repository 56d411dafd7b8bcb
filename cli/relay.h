/*
 * relay - passes the program's standard output on, and tells of lines in it.
 *
 * Only where it was asked for: the program then writes into a pipe, or into a
 * terminal of its own where it would have had one, and what it writes comes out
 * byte for byte where it was to go. That is done by a process of its own, which
 * may wait for a slow reader while the collector goes on, and which lives as
 * long as anybody has the output open.
 */
#ifndef MEMPROF_CLI_RELAY_H
#define MEMPROF_CLI_RELAY_H

#include <sys/types.h>

#include "trace/err.h"

struct relay {
	int output; /* to be the program's; -1 there is no relay */
	int lines; /* read end: becomes ready when a line fits */
	int stop; /* write end */
};

/* There is none. */
void relay_init(struct relay *r);
/* `regex` is an extended one. -1 with err set when it is none. */
int relay_start(struct relay *r, const char *regex, struct err *err);
/* The program has its output: it is not needed here any more. */
void relay_launched(struct relay *r);
/* How many lines have fit since the last time. */
unsigned int relay_count(struct relay *r);
/* The program has ended: the same, when all that it wrote has come out. */
unsigned int relay_finish(struct relay *r);

#endif
