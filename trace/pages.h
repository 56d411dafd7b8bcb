/*
 * pages - memory for large tables, straight from the kernel.
 *
 * Zeroed, on cache lines, and in large pages where the kernel has some: a
 * table that is read at random then does not miss the processor's table of
 * pages as well.
 */
#ifndef MEMPROF_TRACE_PAGES_H
#define MEMPROF_TRACE_PAGES_H

#include <stddef.h>

/* Advice on memory that is not touched yet, wherever it is from. */
void pages_are_large(void *p, size_t size);
/* Never NULL; given back with the same size. */
void *pages_take(size_t size);
/* NULL is nothing. */
void pages_give(void *pages, size_t size);
/* Part of what was taken, of whole pages, is not needed any more. */
void pages_forget(void *pages, size_t size);

#endif
