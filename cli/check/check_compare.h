/*
 * check_compare - put a baseline to a trace.
 *
 * The figures of the whole are always results; those of a function when they
 * are more than they may be.
 */
#ifndef MEMPROF_CLI_CHECK_COMPARE_H
#define MEMPROF_CLI_CHECK_COMPARE_H

#include "cli/check.h"
#include "cli/check/check_baseline.h"

/* -1 with err set. The trace's profile is open. */
int check_compare(const struct check *c, struct check_trace *t,
		  struct err *err);
void check_compare_release(struct check_trace *t);

/*
 * Makes the baseline at `path` anew from the trace, unless it is doubtful; rows
 * keep the tolerances that they had `before`.
 */
int check_compare_update(const struct check *c, const struct check_trace *t,
			 const struct check_baseline *before, const char *path,
			 struct err *err);

#endif
