/*
 * exepath - which file a command runs, as execvp(3) finds it.
 */
#ifndef MEMPROF_TRACE_EXEPATH_H
#define MEMPROF_TRACE_EXEPATH_H

#include <stdbool.h>
#include <stddef.h>

/* False when there is no such program; `path` is then left alone. */
bool exepath_find(const char *name, char *path, size_t size);
/* The last part of a path, within it. */
const char *exepath_name(const char *path);

#endif
