/*
 * target - which functions a user means.
 *
 * He may write a name in full, without parameters and template arguments, or
 * its last part ("area" for "shape::area(int)"), or a pattern of one of these;
 * the end of a source file's path; or that and a line.
 */
#ifndef MEMPROF_ANALYZER_TARGET_H
#define MEMPROF_ANALYZER_TARGET_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool target_is_function(const char *target, const char *function);

/*
 * The same for a function of Python: "f", "Class.method" or "outer.f" for
 * "Class.method" and "outer.<locals>.f", each also behind the module's name.
 */
bool target_is_python(const char *target, const char *module,
		      const char *function);

/* Is `target` all of the path, or its last parts? */
bool target_is_file(const char *target, size_t length, const char *path);

/* The bytes before ":LINE", or all; `line` is 0 when there is none. */
size_t target_split(const char *target, uint32_t *line);

#endif
