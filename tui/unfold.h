/*
 * unfold - what stands below rows that were unfolded: the frames of a stack, or
 * the stacks that lead to a place.
 */
#ifndef MEMPROF_TUI_UNFOLD_H
#define MEMPROF_TUI_UNFOLD_H

#include "tui/asker.h"

/* Of all rows of the page, which answer the question. */
void unfold_rows(struct asker *a, struct page *p, const struct query *q);
/* Makes a row one that can be unfolded, when its place has a name. */
void unfold_offer(struct page *p, struct page_row *row, enum query_by by);

#endif
