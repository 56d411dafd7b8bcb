/*
 * subject_text - what a row is about, for the last column of a table.
 */
#ifndef MEMPROF_CLI_SUBJECT_TEXT_H
#define MEMPROF_CLI_SUBJECT_TEXT_H

#include "analyzer/query.h"
#include "text/place.h"

/* The rest of a line, for all keys but the stack. */
void subject_print(enum query_by by, const struct query_row *row,
		   const struct place_style *style);

/*
 * The calls of a row by stack, innermost first, each on a line. What runs
 * before main is left out unless the style is full.
 */
void subject_print_stack(struct profile *p, const struct query_row *row,
			 const struct place_style *style);

#endif
