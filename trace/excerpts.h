/*
 * excerpts - the text of source lines, kept in a trace.
 *
 * A block of SOURCES holds parts of files: ranges of lines, and their text.
 * A line is bytes without a zero and without its end.
 */
#ifndef MEMPROF_TRACE_EXCERPTS_H
#define MEMPROF_TRACE_EXCERPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/reader.h"

enum excerpts_column {
	EXCERPTS_FILES, /* paths, each with a zero behind */
	EXCERPTS_NUMBERS, /* per file: flags, ranges; per range: lines skipped
			   * since the one before, lines */
	EXCERPTS_TEXT, /* lines, each with a zero behind */
	EXCERPTS_COLUMNS,
};

enum excerpts_flags {
	EXCERPTS_NEWER = 1, /* the file was newer than the program */
};

/* Writing, in this order: a file, its ranges from top to bottom, their lines */
void excerpts_put_file(struct column *c, const char *path, uint32_t flags,
		       size_t ranges);
void excerpts_put_range(struct column *c, uint32_t skipped, uint32_t lines);
void excerpts_put_line(struct column *c, const char *line);

/* Reading; NULL when the trace has none. */
struct excerpts;

struct excerpts *excerpts_open(const struct trace *t);
void excerpts_close(struct excerpts *e);

/* Is anything of the file there? `flags` may be NULL. */
bool excerpts_has(const struct excerpts *e, const char *file, uint32_t *flags);
/* Borrowed; NULL when it is not there. */
const char *excerpts_line(const struct excerpts *e, const char *file,
			  uint32_t line);

#endif
