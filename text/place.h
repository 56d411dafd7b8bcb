/*
 * place - where something was allocated, as text.
 */
#ifndef MEMPROF_TEXT_PLACE_H
#define MEMPROF_TEXT_PLACE_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>

/* How a place is to be written. */
struct place_style {
	size_t columns; /* to fit into, 0 any number */
	const char *cwd; /* paths below it are shown relative; may be NULL */
	bool full; /* with parameters and template arguments */
};

/*
 * Escaped text; the caller frees it.
 *
 * "parse_line  src/parse.c:120", and without debug information
 * "parse_line  in libparse.so" or "0x1234  in libparse.so".
 */
char *place_line(const struct query_frame *f, const struct place_style *s);

char *place_file(const struct query_frame *f, const struct place_style *s);
char *place_module(const struct query_frame *f, const struct place_style *s);

/* The last part of a path. */
const char *place_base(const char *path);

#endif
