/*
 * python_gc - tell when Python's cyclic garbage collector runs.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_GC_H
#define MEMPROF_PRELOAD_PYTHON_GC_H

#include <stdbool.h>

/*
 * Append a function to gc.callbacks. With the GIL and no exception under way,
 * not while recording.
 */
void python_gc_watch(void);

/*
 * Has the interpreter begun to take itself down? Then its objects are looked at
 * now, if they are to be: to be called by who frees one, while it is wanted.
 */
void python_gc_look_at_end(void);
extern bool python_gc_end_wanted;

#endif
