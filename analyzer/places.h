/*
 * places - which frames are allocators and wrappers of allocators.
 *
 * A stack is charged to its place: the innermost frame that none of the rules
 * names. Rules go by module for libraries that only serve (the C library, C++
 * runtimes, allocators), by file for libraries whose code is inlined into
 * programs, and by function for the rest; users add functions with --skip.
 */
#ifndef MEMPROF_ANALYZER_PLACES_H
#define MEMPROF_ANALYZER_PLACES_H

#include "analyzer/functions.h"

#include <stdbool.h>
#include <stddef.h>

struct places_code {
	struct function_name function; /* members NULL unknown */
	const char *file; /* NULL unknown */
	const char *module; /* path, NULL code in no module */
};

/* `skip`: more functions, as patterns with * and ?. */
bool places_is_wrapper(const struct places_code *code, const char *const *skip,
		       size_t skips);

/* Is a function, with no more to its name than this, one of `skip`? */
bool places_is_skipped(const char *function, const char *const *skip,
		       size_t skips);

/* Is all code of this module a wrapper? Asked first, it saves its symbols. */
bool places_is_wrapper_module(const char *path);

/* Does all of `text` fit a pattern with * (anything) and ? (one byte)? */
bool places_matches(const char *pattern, const char *text);

#endif
