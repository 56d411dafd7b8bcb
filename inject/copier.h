/*
 * copier - a running process is made to leave a copy of itself.
 *
 * All of its threads stand still meanwhile. In one of them the agent's
 * memprof_copy() is called, which the agent exports; the thread need not stand
 * where a function may be called (see safe.h), for this one takes no lock and
 * allocates nothing.
 */
#ifndef MEMPROF_INJECT_COPIER_H
#define MEMPROF_INJECT_COPIER_H

#include "trace/way.h"

/* Finds what is needed while the process still runs. */
extern const struct way copier_way;

#endif
