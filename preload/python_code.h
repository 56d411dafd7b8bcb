/*
 * python_code - the numbers of code objects, and what is told of each.
 *
 * A code object is told of once, before the first frame of it is sent, and is
 * a number from then on. Nothing of it is decoded here. Programs make and lose
 * code all the time, and get the same address again nearly always: so when one
 * goes away its address is forgotten (PyCode_Type.tp_dealloc is replaced). A
 * number is never given to another.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_CODE_H
#define MEMPROF_PRELOAD_PYTHON_CODE_H

#include "preload/agent.h"
#include "preload/python_table.h"

/* Map the table. False when there is no memory. */
bool python_code_start(const struct python_table *table);

/* The trace is a new one: nothing has been told. */
void python_code_restart(void);

/* The interpreter has been unloaded. */
void python_code_forget(void);

/* Be told when code goes away. With the GIL, or before there is one. */
void python_code_watch(void);

/*
 * The number of live code; RING_CODE_UNKNOWN when it has none, or none yet
 * (`later` is set). While recording, with or without the GIL.
 */
uint32_t python_code_number(struct thread *t, uintptr_t code, bool *later);

/* Changes whenever an address may mean other code than before. */
extern _Atomic uint32_t python_code_generation;

#endif
