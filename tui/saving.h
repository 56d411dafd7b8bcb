/*
 * saving - what leaves the screen: a stack that was kept, a view in a file.
 *
 * Stacks are printed on standard output when the interface has ended, and go
 * nowhere else: a sequence that sets a terminal's clipboard would carry words
 * of others into whatever is pasted into next.
 */
#ifndef MEMPROF_TUI_SAVING_H
#define MEMPROF_TUI_SAVING_H

#include "tui/browser.h"

/* That of the row that is chosen. */
void saving_copy(struct browser *b);
/* All rows of the view, into a file that there was not before. */
void saving_view(struct browser *b, const char *path);

#endif
