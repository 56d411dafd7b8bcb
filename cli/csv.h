/*
 * csv - fields and lines of comma or tab separated values.
 *
 * CSV follows RFC 4180, and a field that a spreadsheet would take for a
 * formula gets an apostrophe. TSV is for comparison by diff: it has no
 * addresses, no pids, no times, and of paths the last part.
 */
#ifndef MEMPROF_CLI_CSV_H
#define MEMPROF_CLI_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/query.h"

struct csv {
	struct profile *profile; /* of the rows */
	enum query_by by;
	bool is_tsv;
	bool has_field; /* on this line */
};

void csv_text(struct csv *w, const char *text);
void csv_path(struct csv *w, const char *path);
void csv_count(struct csv *w, uint64_t count);
void csv_change(struct csv *w, int64_t change);
void csv_end_line(struct csv *w);

/* What a row is about: one field or more. */
void csv_subject_titles(struct csv *w);
void csv_subject(struct csv *w, const struct query_row *row);

/* The figures of a report's row. */
void csv_count_titles(struct csv *w);
void csv_counts(struct csv *w, const struct query_counts *c);

#endif
