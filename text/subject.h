/*
 * subject - what a row is about, as text, whatever rows are grouped by.
 */
#ifndef MEMPROF_TEXT_SUBJECT_H
#define MEMPROF_TEXT_SUBJECT_H

#include "analyzer/query.h"
#include "text/place.h"

/* For all keys but the stack. Escaped; the caller frees it. */
char *subject_text(enum query_by by, const struct query_row *row,
		   const struct place_style *style);

/*
 * Frames of a stack from here on that can be told as a number: all but the
 * first and the last of a run of library code, when that saves lines.
 */
size_t subject_foldable(const struct query_frame *f, size_t from, size_t count);
/* What is further out runs before main. */
bool subject_is_outermost(const struct query_frame *f);

#endif
