/*
 * list - where the cursor stands in the rows of a page, and what of them is on
 * the screen.
 */
#ifndef MEMPROF_TUI_LIST_H
#define MEMPROF_TUI_LIST_H

#include "tui/page.h"
#include "tui/pen.h"

struct list {
	size_t cursor, top; /* rows */
	uint64_t key; /* of the cursor's row; 0 none */
	int rows; /* on the screen, when it was last drawn */
};

/* A part of the screen. */
struct area {
	int top, rows;
};

/* The cursor stays on what it was on, in a page that came after. */
void list_follow(struct list *l, const struct page *p);
void list_move(struct list *l, const struct page *p, long rows);
void list_go(struct list *l, const struct page *p, size_t row);
/* On the row, or not: false. `step` is 1 or -1; begins behind the cursor. */
bool list_search(struct list *l, const struct page *p, const char *text,
		 int step);

struct list_look {
	const char *match; /* shown where it stands; NULL none */
	bool has_cursor;
};
void list_draw(struct list *l, const struct page *p, struct cells *c,
	       struct area area, const struct list_look *look);

#endif
