/*
 * paths - names of files, put together without looking at any disk.
 */
#ifndef MEMPROF_ANALYZER_PATHS_H
#define MEMPROF_ANALYZER_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * `file`, taken from directory `dir` (may be NULL) when it is relative, with
 * "." and ".." resolved as text. `out` has room for `size` bytes; false when
 * that is not enough.
 */
bool paths_join(const char *dir, const char *file, char *out, size_t size);

#endif
