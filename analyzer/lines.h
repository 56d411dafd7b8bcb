/*
 * lines - the lines of Python's code objects, from their tables.
 *
 * CPython has written the table in three forms; model.h names them. It maps
 * spans of the instructions, by offset in bytes, to lines of the file. The
 * table comes from a traced program and may hold anything: then there are
 * fewer lines, or wrong ones, but always an end.
 */
#ifndef MEMPROF_ANALYZER_LINES_H
#define MEMPROF_ANALYZER_LINES_H

#include "trace/model.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	LINES_NO_COLUMN = -1,
};

/* What instructions from `start` to before `end` were made of. */
struct lines_span {
	uint64_t start, end; /* bytes; end is UINT64_MAX where none is known */
	uint32_t line, end_line; /* 0: of no line */
	int32_t column, end_column; /* bytes from 0, or LINES_NO_COLUMN */
};

/* Reads a table from its start. */
struct lines_cursor {
	const struct model_code *code; /* borrowed */
	uint32_t at; /* in the table */
	uint64_t end; /* of the last span */
	int64_t line;
	bool is_done;
};

void lines_begin(struct lines_cursor *c, const struct model_code *code);
/* False at the end. Spans follow each other; some are empty. */
bool lines_next(struct lines_cursor *c, struct lines_span *out);

/*
 * The span that `offset` is in; with MODEL_NOT_BEGUN the line of the code's
 * start. False where the table has none: `out` is then of no line.
 */
bool lines_at(const struct model_code *code, uint64_t offset,
	      struct lines_span *out);

/* The first and the last line of all the code; false when it has none. */
bool lines_extent(const struct model_code *code, uint32_t lines[2]);

#endif
