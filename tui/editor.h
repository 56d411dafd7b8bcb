/*
 * editor - the user's editor at the chosen line.
 */
#ifndef MEMPROF_TUI_EDITOR_H
#define MEMPROF_TUI_EDITOR_H

#include "tui/browser.h"

/* On the terminal, which must be open. */
void editor_run(struct browser *b);

#endif
