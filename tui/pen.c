/*
 * pen - see pen.h.
 */
#include "tui/pen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

struct pen pen_at(struct cells *c, int row)
{
	return (struct pen){
		.cells = c,
		.row = row,
		.end = row >= 0 && row < c->rows ? c->columns : 0,
	};
}

static bool is_within(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* Without a width that all terminals agree on. */
static bool is_joiner(uint32_t c)
{
	return c == 0xad || is_within(c, 0x200b, 0x200d) ||
	       is_within(c, 0x2060, 0x206f) || is_within(c, 0xfe00, 0xfe0f) ||
	       is_within(c, 0xfff9, 0xfffb) || is_within(c, 0x1f3fb, 0x1f3ff) ||
	       is_within(c, 0x1f1e6, 0x1f1ff) || is_within(c, 0xe0000, 0xe0fff);
}

/* What was there may have been half a wide character. */
static void take_place(struct pen *p, int width)
{
	int after = p->column + width;

	if (!*cells_at(p->cells, p->row, p->column)->text && p->column)
		strcpy(cells_at(p->cells, p->row, p->column - 1)->text, " ");
	if (after < p->cells->columns &&
	    !*cells_at(p->cells, p->row, after)->text)
		strcpy(cells_at(p->cells, p->row, after)->text, " ");
}

static void put_mark(struct pen *p, const char *text, size_t length)
{
	struct cell *cell;
	size_t used;

	if (!p->column)
		return;
	cell = cells_at(p->cells, p->row, p->column - 1);
	if (!*cell->text && p->column > 1)
		cell--;
	used = strlen(cell->text);
	if (used + length < CELLS_TEXT) {
		memcpy(cell->text + used, text, length);
		cell->text[used + length] = '\0';
	}
}

static bool put_piece(struct pen *p, const char *text,
		      struct escape_piece piece)
{
	int width = (int)escape_piece_width(piece);

	if (is_joiner(piece.character))
		return true;
	if (!width) {
		put_mark(p, text, piece.length);
		return true;
	}
	if (p->column + width > p->end)
		return false;
	take_place(p, width);
	for (int i = 0; i < width; i++) {
		struct cell *cell = cells_at(p->cells, p->row, p->column + i);

		memset(cell->text, 0, sizeof(cell->text));
		if (i == 0)
			memcpy(cell->text, text, piece.length);
		cell->style = (uint8_t)p->style;
	}
	p->column += width;
	return true;
}

void pen_put(struct pen *p, const char *text)
{
	char *safe = escape_text(text);
	struct escape_piece piece;

	for (const char *s = safe; *s; s += piece.length) {
		piece = escape_next(s);
		if (!put_piece(p, s, piece)) {
			p->end = p->column;
			break;
		}
	}
	free(safe);
}

static char *format_text(const char *format, va_list ap)
{
	char *text = NULL;

	return vasprintf(&text, format, ap) < 0 ? xstrdup("") : text;
}

void pen_format(struct pen *p, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = format_text(format, ap);
	va_end(ap);
	pen_put(p, text);
	free(text);
}

void pen_right(struct pen *p, int width, const char *text)
{
	int own = (int)escape_width(text);

	if (own < width)
		pen_skip(p, width - own);
	pen_put(p, text);
}

void pen_fill(struct pen *p, int column, const char *text)
{
	int before;

	while (p->column < column && p->column < p->end) {
		before = p->column;
		pen_put(p, text);
		if (p->column == before)
			return;
	}
}

void pen_skip(struct pen *p, int columns)
{
	while (columns-- > 0 && p->column < p->end) {
		struct cell *cell = cells_at(p->cells, p->row, p->column);

		if (strcmp(cell->text, " ") == 0)
			cell->style = (uint8_t)p->style;
		p->column++;
	}
}

int pen_room(const struct pen *p)
{
	return p->end > p->column ? p->end - p->column : 0;
}
