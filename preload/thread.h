/*
 * thread - give threads and processes their slots in the ring.
 */
#ifndef MEMPROF_PRELOAD_THREAD_H
#define MEMPROF_PRELOAD_THREAD_H

#include "preload/agent.h"

/*
 * Attach the calling thread; in a forked child, the process first. NULL when
 * there is no slot, which is counted. Called with the guard held.
 */
struct thread *thread_attach(void);

#endif
