/*
 * border - what stands around every view: at the top the program, the instant,
 * totals, quality and the views; below hints, what is typed and what to know.
 */
#ifndef MEMPROF_TUI_BORDER_H
#define MEMPROF_TUI_BORDER_H

#include "tui/browser.h"

void border_draw(struct browser *b);
/* What is left for the view. */
struct area border_area(const struct browser *b);
/* The view whose name stands there, -1 none. */
int border_tab_at(const struct browser *b, int row, int column);

#endif
