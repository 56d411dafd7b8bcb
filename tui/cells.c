/*
 * cells - see cells.h.
 */
#include "tui/cells.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static int clamp(int size)
{
	return size < 1 ? 1 : size > CELLS_MAX ? CELLS_MAX : size;
}

void cells_resize(struct cells *c, int rows, int columns)
{
	size_t count;

	rows = clamp(rows);
	columns = clamp(columns);
	count = (size_t)rows * (size_t)columns;
	if (rows != c->rows || columns != c->columns) {
		free(c->cell);
		c->cell = xcalloc(count, sizeof(*c->cell));
		c->rows = rows;
		c->columns = columns;
	}
	for (size_t i = 0; i < count; i++)
		c->cell[i] = (struct cell){ .text = " " };
}

void cells_release(struct cells *c)
{
	free(c->cell);
	*c = (struct cells){ 0 };
}

struct cell *cells_at(const struct cells *c, int row, int column)
{
	return &c->cell[row * c->columns + column];
}

void cells_choose(struct cells *c, int row)
{
	for (int i = 0; row >= 0 && row < c->rows && i < c->columns; i++)
		cells_at(c, row, i)->is_chosen = true;
}

static int used_columns(const struct cells *c, int row)
{
	int end = c->columns;

	while (end && strcmp(cells_at(c, row, end - 1)->text, " ") == 0)
		end--;
	return end;
}

void cells_write(const struct cells *c, FILE *out)
{
	for (int row = 0; row < c->rows; row++) {
		int end = used_columns(c, row);

		for (int i = 0; i < end; i++)
			fputs(cells_at(c, row, i)->text, out);
		fputc('\n', out);
	}
}
