/*
 * view - the table of views: how each is filled, drawn and steered.
 *
 * To add one, add an id to ask.h, a key to keys.c, a row to view.c and a file
 * view_NAME.c.
 */
#ifndef MEMPROF_TUI_VIEW_H
#define MEMPROF_TUI_VIEW_H

#include "tui/asker.h"
#include "tui/browser.h"

struct view {
	const char *name;
	/* By the worker. -1 with err set. */
	int (*fill)(struct asker *a, struct page *p, struct err *err);
	/* NULL: as a list. */
	void (*draw)(struct browser *b, struct area area);
	/* Keys of its own, before all others get them; NULL none. */
	bool (*act)(struct browser *b, enum action action);
	/* On a cell of the area; NULL: on a row of the list. */
	void (*click)(struct browser *b, struct area area, int row, int column);
	const char *hints; /* for the footer */
};

const struct view *view_of(enum view_id id);

int view_lines_fill(struct asker *a, struct page *p, struct err *err);
int view_tree_fill(struct asker *a, struct page *p, struct err *err);
int view_flame_fill(struct asker *a, struct page *p, struct err *err);
int view_source_fill(struct asker *a, struct page *p, struct err *err);
int view_timeline_fill(struct asker *a, struct page *p, struct err *err);
int view_diff_fill(struct asker *a, struct page *p, struct err *err);
int view_threads_fill(struct asker *a, struct page *p, struct err *err);
int view_sizes_fill(struct asker *a, struct page *p, struct err *err);
int view_leaks_fill(struct asker *a, struct page *p, struct err *err);
int view_info_fill(struct asker *a, struct page *p, struct err *err);
int view_help_fill(struct asker *a, struct page *p, struct err *err);

bool view_lines_act(struct browser *b, enum action action);
bool view_tree_act(struct browser *b, enum action action);
bool view_timeline_act(struct browser *b, enum action action);
bool view_flame_act(struct browser *b, enum action action);
bool view_threads_act(struct browser *b, enum action action);
bool view_leaks_act(struct browser *b, enum action action);

void view_timeline_click(struct browser *b, struct area area, int row,
			 int column);
void view_flame_click(struct browser *b, struct area area, int row, int column);

void view_timeline_draw(struct browser *b, struct area area);
void view_flame_draw(struct browser *b, struct area area);

#endif
