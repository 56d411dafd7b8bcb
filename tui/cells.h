/*
 * cells - a screen as memory: what stands where, in which style.
 *
 * Views draw into cells and nothing else. The terminal shows them, a file gets
 * them as text, and tests compare them; so what is tested is what is seen.
 *
 * A cell holds one character with its combining marks. A wide character takes
 * its cell and the next, which is then empty. Nothing that is put into a cell
 * can reach another one, whatever bytes it has: see pen.h.
 */
#ifndef MEMPROF_TUI_CELLS_H
#define MEMPROF_TUI_CELLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	CELLS_TEXT = 24, /* bytes of one, with a zero behind them */
	CELLS_MAX = 4000, /* rows, and columns */
};

enum cells_style {
	CELLS_PLAIN,
	CELLS_TITLE,
	CELLS_DIM,
	CELLS_HEAD, /* the line at the top */
	CELLS_TAB, /* the view that is shown */
	CELLS_WARNING,
	CELLS_MORE, /* it grew */
	CELLS_LESS, /* it shrank */
	CELLS_NAME, /* of a function */
	CELLS_MATCH, /* that was searched for */
	CELLS_HEAP, /* in graphs */
	CELLS_RESIDENT,
	CELLS_MARK,
	CELLS_BOX, /* of a flame graph, and those beside it */
	CELLS_BOX_NEXT,
	CELLS_BOX_OTHER, /* of libraries */
	CELLS_BOX_MORE, /* that grew */
	CELLS_BOX_LESS,
	CELLS_STYLES,
};

struct cell {
	char text[CELLS_TEXT]; /* UTF-8; "" behind a wide character */
	uint8_t style;
	bool is_chosen; /* in the row of the cursor */
};

struct cells {
	int rows, columns;
	struct cell *cell; /* owned */
};

/* All blank. Sizes that are not possible become the nearest that are. */
void cells_resize(struct cells *c, int rows, int columns);
void cells_release(struct cells *c);

struct cell *cells_at(const struct cells *c, int row, int column);
/* The whole row is where the cursor stands. */
void cells_choose(struct cells *c, int row);

/* As text, a line for each row; blanks at ends are left out. */
void cells_write(const struct cells *c, FILE *out);

#endif
