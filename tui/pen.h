/*
 * pen - puts text into cells, from left to right.
 *
 * Any bytes may be put. What could steer a terminal becomes \xNN (escape.h);
 * combining marks join the cell before them as far as it has room; what a
 * terminal may join with its neighbours, or give another width than we do, is
 * left out: zero-width joiners, variation selectors, tones of skin. Text from
 * right to left stays in the order of its bytes, one letter a cell. A pen stops
 * at its end, and no wide character is cut.
 */
#ifndef MEMPROF_TUI_PEN_H
#define MEMPROF_TUI_PEN_H

#include "tui/cells.h"

struct pen {
	struct cells *cells; /* borrowed */
	int row, column;
	int end; /* the first column that it leaves alone */
	enum cells_style style;
};

/* At the start of a row; one that there is not takes nothing. */
struct pen pen_at(struct cells *c, int row);

void pen_put(struct pen *p, const char *text);
void pen_format(struct pen *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The text ends `width` columns on, if it is shorter. */
void pen_right(struct pen *p, int width, const char *text);
/* The same again and again, up to before `column`. */
void pen_fill(struct pen *p, int column, const char *text);
void pen_skip(struct pen *p, int columns);
/* Columns that are left. */
int pen_room(const struct pen *p);

#endif
