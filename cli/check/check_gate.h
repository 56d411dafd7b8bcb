/*
 * check_gate - put the rules to a trace.
 */
#ifndef MEMPROF_CLI_CHECK_GATE_H
#define MEMPROF_CLI_CHECK_GATE_H

#include "cli/check.h"

/* Fills the trace, whose spec and name are set. */
void check_gate_judge(struct check *c, struct check_trace *t);
/* Adds `r`, with the judgement on it. -1 with err set. */
int check_gate_put(const struct check *c, struct check_trace *t,
		   struct check_result r, struct err *err);
/* All traces. */
void check_gate_release(struct check *c);

#endif
