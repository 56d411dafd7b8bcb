/*
 * xmalloc - memory, or the end of the process.
 *
 * Outside the agent running out of memory is not an error path: these say so
 * on stderr and exit. Everything they return is released with free().
 */
#ifndef MEMPROF_TRACE_XMALLOC_H
#define MEMPROF_TRACE_XMALLOC_H

#include <stddef.h>

_Noreturn void xmalloc_failed(void);
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
/* libiberty calls it, and would bring its own of all of these otherwise. */
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
/* Also a NUL behind. */
char *xmemdup(const void *p, size_t size);

/*
 * Gives an array of elements of `size` bytes room for `need` of them, at least
 * doubling it; *capacity counts elements.
 */
void *xgrow(void *array, size_t *capacity, size_t need, size_t size);

#endif
