/*
 * rows - pages that are tables: answers of profile_query(), or when there is
 * an A of profile_diff().
 */
#ifndef MEMPROF_TUI_ROWS_H
#define MEMPROF_TUI_ROWS_H

#include "tui/asker.h"

int rows_fill(struct asker *a, struct page *p, const struct query *q,
	      struct err *err);

/* The titles of figures, with or without differences. */
void rows_titles(struct page *p, enum query_metric m, bool compares);
/* Those figures. `whole` is what shares are of; `before` NULL: nothing. */
struct rows_figures {
	enum query_metric metric;
	bool compares;
	bool has_classes; /* of what was lost */
	const struct query_counts *now, *before; /* NULL nothing */
	uint64_t whole;
};
void rows_figures(struct page_row *row, const struct rows_figures *f);

/* A stack as lines of text, innermost first; the page's. */
const char *rows_stack(struct page *p, struct profile *profile,
		       const struct query_row *row);

#endif
