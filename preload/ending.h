/*
 * ending - leave a copy of the process for the collector when it ends.
 */
#ifndef MEMPROF_PRELOAD_ENDING_H
#define MEMPROF_PRELOAD_ENDING_H

/* Once, when the process begins to be traced: it wants to know of exit(). */
void ending_start(void);

#endif
