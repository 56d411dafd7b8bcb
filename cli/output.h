/*
 * output - the file that a trace is written to.
 */
#ifndef MEMPROF_CLI_OUTPUT_H
#define MEMPROF_CLI_OUTPUT_H

#include "trace/err.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct output {
	char path[PATH_MAX];
	int fd;
};

/*
 * Create the file that `pattern` names: %n is the last part of `program`, %p
 * `pid`, %h the host, %r the MPI rank. It is new, readable by its owner only,
 * and no symbolic link is followed; an existing file is replaced, by a rename,
 * only with `force`. -1 with err set.
 */
int output_create(struct output *o, const char *pattern, const char *program,
		  pid_t pid, bool force, struct err *err);

/* Remove the file again: nothing was traced. */
void output_discard(struct output *o);

#endif
