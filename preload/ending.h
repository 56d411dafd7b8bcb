/*
 * ending - leave a copy of the process for the collector when it ends.
 */
#ifndef MEMPROF_PRELOAD_ENDING_H
#define MEMPROF_PRELOAD_ENDING_H

/* Once, when the process begins to be traced: it wants to know of exit(). */
void ending_start(void);

/*
 * The process is about to take down by itself what points to its memory: now is
 * the time to leave that copy.
 */
void ending_ahead(void);

#endif
