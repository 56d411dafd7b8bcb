/*
 * judge - what is wrong with a trace, said after what was whole of it.
 */
#ifndef MEMPROF_CLI_JUDGE_H
#define MEMPROF_CLI_JUDGE_H

#include "analyzer/query.h"

#include <stdbool.h>

/*
 * The exit status; a message unless all is well. Strictly, a trace has to be
 * complete.
 */
int judge_trace(struct profile *p, const char *spec, bool strict);

#endif
