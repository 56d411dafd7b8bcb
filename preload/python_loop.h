/*
 * python_loop - where the interpreter's native evaluation loop lies.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_LOOP_H
#define MEMPROF_PRELOAD_PYTHON_LOOP_H

#include "trace/ring.h"

/*
 * The ranges of the function at `start`, as many as are given back; the first
 * is its own. Not while recording.
 */
uint32_t python_loop_find(uintptr_t start,
			  uint64_t range[RING_PYTHON_RANGES][2]);

#endif
