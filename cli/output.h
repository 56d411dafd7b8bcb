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

/* Its name: %n is `program`'s last part, %p `pid`, %h the host, %r the rank. */
struct output_name {
	const char *pattern;
	const char *program;
	pid_t pid;
};

/*
 * Create the file. It is new, readable by its owner only, and no symbolic link
 * is followed; an existing file is replaced, by a rename, only with `force`.
 * -1 with err set.
 */
int output_create(struct output *o, const struct output_name *name, bool force,
		  struct err *err);

/* Remove the file again: nothing was traced. */
void output_discard(struct output *o);

#endif
