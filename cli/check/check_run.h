/*
 * check_run - run a program under `memprof run`, to check what it did.
 */
#ifndef MEMPROF_CLI_CHECK_RUN_H
#define MEMPROF_CLI_CHECK_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "trace/err.h"

struct check_run {
	char **argv; /* of the program; argv[argc] is NULL */
	size_t argc;
	const char *output; /* where to leave the trace; NULL nowhere */
	const char *mark_on; /* NULL no lines of output are marks */
	bool force, wait_children, no_follow;
	bool leaks; /* are to be told from what is alive */

	char trace[PATH_MAX]; /* where it is */
	char directory[PATH_MAX]; /* to be removed; empty none */
};

/*
 * Waits for its end. -1 with err set when there is no trace to look at: it
 * could not be run, or not be traced.
 */
int check_run_program(struct check_run *r, struct err *err);
/* Removes the trace unless it is to stay. */
void check_run_release(struct check_run *r);

#endif
