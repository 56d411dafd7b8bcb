/*
 * interpose_fork - what a call of syscall() has to go through, if it forks.
 */
#ifndef MEMPROF_PRELOAD_INTERPOSE_FORK_H
#define MEMPROF_PRELOAD_INTERPOSE_FORK_H

#include "preload/agent.h"

/*
 * The function for the call with that number, first and second argument:
 * next.syscall, or one that takes care of the child.
 */
long (*interpose_fork_syscall(const long arg[3],
			      const struct registers *caller))(long, ...);

#endif
