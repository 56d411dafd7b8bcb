/*
 * python_gc - tell when Python's cyclic garbage collector runs.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_GC_H
#define MEMPROF_PRELOAD_PYTHON_GC_H

#include <stdbool.h>

/*
 * To be called now and then by who holds the GIL, while it is wanted: it asks
 * for a pending call, in which a function is appended to gc.callbacks.
 */
void python_gc_poll(void);
extern bool python_gc_wanted;

/*
 * Has the interpreter begun to take itself down? Then its objects are looked at
 * now, if they are to be: to be called by who frees one, while it is wanted.
 */
void python_gc_look_at_end(void);
extern bool python_gc_end_wanted;

#endif
