/*
 * page - see page.h.
 */
#include "tui/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "text/place.h"
#include "trace/xmalloc.h"

struct page *page_create(const struct ask *a)
{
	struct page *p = xcalloc(1, sizeof(*p));

	ask_copy(&p->ask, a);
	p->head.command = p->head.now = p->head.base = "";
	p->title = "";
	return p;
}

void page_destroy(struct page *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->owned_count; i++)
		free(p->owned[i]);
	free(p->owned);
	free(p->rows);
	free(p->boxes);
	free(p->points);
	free(p->marks);
	ask_release(&p->ask);
	free(p);
}

const char *page_own(struct page *p, char *text)
{
	p->owned = xgrow(p->owned, &p->owned_room, p->owned_count + 1,
			 sizeof(*p->owned));
	p->owned[p->owned_count++] = text;
	return text;
}

const char *page_text(struct page *p, const char *text)
{
	/* Rows that follow each other are often of the same file. */
	for (size_t i = p->owned_count; text && i && i + 4 > p->owned_count;)
		if (strcmp(p->owned[--i], text) == 0)
			return p->owned[i];
	return text ? page_own(p, xstrdup(text)) : NULL;
}

const char *page_format(struct page *p, const char *format, ...)
{
	va_list ap;
	char *text = NULL;
	int length;

	va_start(ap, format);
	length = vasprintf(&text, format, ap);
	va_end(ap);
	return page_own(p, length < 0 ? xstrdup("") : text);
}

struct query_frame page_frame(struct page *p, const struct query_frame *f)
{
	struct query_frame copy = *f;

	copy.function = page_text(p, f->function);
	copy.file = page_text(p, f->file);
	copy.module = page_text(p, f->module);
	return copy;
}

struct page_row *page_add(struct page *p)
{
	p->rows = xgrow(p->rows, &p->room, p->count + 1, sizeof(*p->rows));
	p->rows[p->count] = (struct page_row){ .style = CELLS_PLAIN };
	return &p->rows[p->count++];
}

struct page_box *page_add_box(struct page *p)
{
	p->boxes = xgrow(p->boxes, &p->box_room, p->box_count + 1,
			 sizeof(*p->boxes));
	p->boxes[p->box_count] = (struct page_box){ .depth = 0 };
	return &p->boxes[p->box_count++];
}

void page_add_column(struct page *p, const char *title, int width, int from)
{
	if (p->column_count < PAGE_COLUMNS)
		p->columns[p->column_count++] =
			(struct page_column){ title, width, from };
}

char *page_row_text(const struct page *p, const struct page_row *row,
		    size_t columns)
{
	const struct place_style style = { .columns = columns,
					   .cwd = p->head.cwd };
	struct query_frame f = row->frame;

	switch (row->subject) {
	case PAGE_FUNCTION:
		f.file = f.module = NULL;
		/* fall through */
	case PAGE_LINE:
		return place_line(&f, &style);
	case PAGE_FILE:
		return place_file(&f, &style);
	case PAGE_MODULE:
		return place_module(&f, &style);
	default:
		return escape_text(row->text ? row->text : "");
	}
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

static int compare_names(const struct page *p, const struct page_row *a,
			 const struct page_row *b)
{
	char *x = page_row_text(p, a, 0), *y = page_row_text(p, b, 0);
	int order = strcmp(x, y);

	free(x);
	free(y);
	return order;
}

static int compare(const void *a, const void *b, void *page)
{
	const struct page *p = page;
	const struct page_row *x = a, *y = b;
	int order = 0;

	if (p->ask.order == ASK_BY_METRIC)
		order = compare_numbers(x->value, y->value);
	else if (p->ask.order == ASK_BY_CALLS)
		order = compare_numbers(x->calls, y->calls);
	else
		order = compare_names(p, x, y);
	return p->ask.is_reversed ? -order : order;
}

/* Rows come by their metric; equal ones keep the order that they have. */
void page_sort(struct page *p)
{
	struct page_row *rows = p->rows, *last;

	if (p->ask.order == ASK_BY_METRIC && p->ask.is_reversed) {
		for (last = rows + p->count; p->count && rows < --last;
		     rows++) {
			struct page_row row = *rows;

			*rows = *last;
			*last = row;
		}
	} else if (p->ask.order != ASK_BY_METRIC && p->count) {
		qsort_r(rows, p->count, sizeof(*rows), compare, p);
	}
}

/* FNV-1a, for keys that live as long as the process. */
uint64_t page_hash(uint64_t hash, const char *text)
{
	hash ^= 0xcbf29ce484222325;
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash * 0x100000001b3;
}

uint64_t page_hash_number(uint64_t hash, uint64_t number)
{
	return (hash ^ number ^ 0xcbf29ce484222325) * 0x9e3779b97f4a7c15;
}
