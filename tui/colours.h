/*
 * colours - how styles look on the terminal there is.
 *
 * With 8 colours, 256 or any; without, when the terminal has none or NO_COLOR
 * is set, everything that a colour says is said by an attribute or a sign too.
 */
#ifndef MEMPROF_TUI_COLOURS_H
#define MEMPROF_TUI_COLOURS_H

#include <stdbool.h>

#include "tui/cells.h"

struct colours_look {
	unsigned long attributes; /* of curses */
	int pair;
};

/* When curses has begun. */
void colours_init(void);
struct colours_look colours_look(enum cells_style style, bool is_chosen);

#endif
