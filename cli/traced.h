/*
 * traced - the trace of a process that is recorded now.
 */
#ifndef MEMPROF_CLI_TRACED_H
#define MEMPROF_CLI_TRACED_H

#include <sys/types.h>

#include "trace/err.h"

/*
 * The file that the memprof which records `pid` writes, open to be read; the
 * caller closes it. -1 with err set: nobody records it, or it can not be read.
 */
int traced_open(pid_t pid, struct err *err);

#endif
