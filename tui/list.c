/*
 * list - see list.h.
 *
 * Figures stand on the left, each in its column; columns that the screen has no
 * room for are left out. What a row is about has the rest.
 */
#include "tui/list.h"

#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "tui/glyphs.h"

static void clamp(struct list *l, const struct page *p)
{
	size_t last = p->count ? p->count - 1 : 0;
	size_t rows = l->rows > 0 ? (size_t)l->rows : 1;

	if (l->cursor > last)
		l->cursor = last;
	if (l->top > l->cursor)
		l->top = l->cursor;
	if (l->cursor - l->top >= rows)
		l->top = l->cursor - rows + 1;
	/* No blank end while there is something above. */
	if (l->top + rows > p->count)
		l->top = p->count > rows ? p->count - rows : 0;
	l->key = p->count ? p->rows[l->cursor].key : 0;
}

void list_follow(struct list *l, const struct page *p)
{
	size_t found = p->count;

	for (size_t i = 0; l->key && i < p->count && found == p->count; i++)
		if (p->rows[i].key == l->key)
			found = i;
	/* Unmoved while it is at the top: new largest rows are to be seen. */
	if (found < p->count && l->cursor)
		list_go(l, p, found);
	else
		clamp(l, p);
}

void list_move(struct list *l, const struct page *p, long rows)
{
	size_t size = rows < 0 ? (size_t)-rows : (size_t)rows;

	if (rows < 0)
		l->cursor = l->cursor > size ? l->cursor - size : 0;
	else
		l->cursor += size;
	clamp(l, p);
}

void list_go(struct list *l, const struct page *p, size_t row)
{
	l->cursor = row;
	clamp(l, p);
}

bool list_search(struct list *l, const struct page *p, const char *text,
		 int step)
{
	size_t at = l->cursor;

	for (size_t i = 0; i < p->count; i++) {
		bool found;
		char *row;

		at = step > 0 ? (at + 1) % p->count
			      : (at + p->count - 1) % p->count;
		row = page_row_text(p, &p->rows[at], 0);
		found = strcasestr(row, text) != NULL;
		free(row);
		if (!found)
			continue;
		list_go(l, p, at);
		return true;
	}
	return false;
}

static bool is_shown(const struct page_column *column, const struct cells *c)
{
	return c->columns >= column->from &&
	       (column->from || c->columns >= 3 * column->width);
}

static void draw_titles(const struct page *p, struct cells *c, int row)
{
	struct pen pen = pen_at(c, row);

	pen.style = CELLS_TITLE;
	for (size_t i = 0; i < p->column_count; i++) {
		const struct page_column *column = &p->columns[i];

		if (!is_shown(column, c))
			continue;
		if (pen.column)
			pen_skip(&pen, 1);
		pen_right(&pen, column->width, column->title);
	}
	pen_skip(&pen, pen.column ? 2 : 0);
	pen_put(&pen, p->title);
}

static void draw_text(const struct page *p, const struct page_row *row,
		      struct pen *pen, const char *match)
{
	char *text = page_row_text(p, row, (size_t)pen_room(pen));
	const char *found = match ? strcasestr(text, match) : NULL;
	size_t before = found ? (size_t)(found - text) : 0;
	enum cells_style style = pen->style;
	char *part;

	if (found && *match) {
		part = strndup(text, before);
		pen_put(pen, part ? part : "");
		free(part);
		part = strndup(found, strlen(match));
		pen->style = CELLS_MATCH;
		pen_put(pen, part ? part : "");
		free(part);
		pen->style = style;
		pen_put(pen, found + strlen(match));
	} else {
		pen_put(pen, text);
	}
	free(text);
}

static const char *fold_sign(const struct page_row *row)
{
	return row->fold == PAGE_FOLDED ? glyphs()->folded
	       : row->fold == PAGE_OPEN ? glyphs()->open
					: " ";
}

static void draw_figures(const struct page *p, const struct page_row *row,
			 struct pen *pen)
{
	for (size_t i = 0; i < p->column_count; i++) {
		const struct page_column *column = &p->columns[i];

		if (!is_shown(column, pen->cells))
			continue;
		if (pen->column)
			pen_skip(pen, 1);
		pen->style = i == 0 || column->title[0] == '\0'
				     ? row->figure_style
				     : CELLS_PLAIN;
		pen_right(pen, column->width, row->figures[i].text);
	}
	pen_skip(pen, pen->column ? 2 : 0);
}

static void draw_row(const struct page *p, const struct page_row *row,
		     struct pen pen, const char *match)
{
	bool folds = false;

	draw_figures(p, row, &pen);
	pen.style = CELLS_DIM;
	if (row->prefix)
		pen_put(&pen, row->prefix);
	folds = row->prefix || row->fold != PAGE_LEAF;
	if (folds) {
		pen_put(&pen, fold_sign(row));
		pen_skip(&pen, 1);
	}
	pen.style = row->style;
	draw_text(p, row, &pen, match);
	if (row->subject == PAGE_TEXT || !row->text)
		return;
	pen.style = CELLS_DIM;
	pen_put(&pen, row->text);
}

void list_draw(struct list *l, const struct page *p, struct cells *c,
	       struct area area, const struct list_look *look)
{
	bool has_titles = p->column_count && area.rows > 1;

	if (has_titles) {
		draw_titles(p, c, area.top);
		area.top++;
		area.rows--;
	}
	l->rows = area.rows;
	clamp(l, p);
	for (int i = 0; i < area.rows; i++) {
		size_t row = l->top + (size_t)i;

		if (row >= p->count)
			break;
		draw_row(p, &p->rows[row], pen_at(c, area.top + i),
			 look->match);
		if (row == l->cursor && look->has_cursor)
			cells_choose(c, area.top + i);
	}
}
