/*
 * page - what a view shows: an answer of the worker, ready to be drawn.
 *
 * A page owns all that it says, down to the names, so the interface draws it,
 * scrolls it and searches it at any time without waiting for the profile that
 * it came from. Most views are rows; the timeline and the flame graph have
 * points and boxes beside them.
 */
#ifndef MEMPROF_TUI_PAGE_H
#define MEMPROF_TUI_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/amount.h"
#include "tui/ask.h"
#include "tui/cells.h"

enum {
	PAGE_COLUMNS = 6,
};

struct page_column {
	const char *title;
	int width;
	int from; /* shown on screens that have as many columns */
};

enum page_subject {
	PAGE_TEXT, /* `text` only */
	PAGE_LINE, /* the rest are of `frame` */
	PAGE_FUNCTION, /* without its position */
	PAGE_FILE,
	PAGE_MODULE,
};

enum page_fold {
	PAGE_LEAF,
	PAGE_FOLDED,
	PAGE_OPEN,
};

struct page_row {
	struct amount figures[PAGE_COLUMNS];
	enum cells_style figure_style, style;
	const char *prefix; /* lines of a tree; NULL none */
	const char *text; /* behind the subject, if there is one */
	enum page_subject subject;
	enum page_fold fold;
	struct query_frame frame; /* for PAGE_TEXT too: where `e` goes */
	uint64_t key; /* what it is about: the same in other pages; 0 none */
	uint64_t parent; /* key of its node's parent */
	uint64_t value, calls; /* that rows are sorted by */
	const char *stack; /* lines of text for `y`; NULL as it reads */
	const char *where; /* a filter that leaves only this; NULL none */
	const char *stacks; /* a condition on those below it; NULL none */
};

/* Of the row with the same number. */
struct page_box {
	uint64_t start, value; /* its left side, and its width */
	int64_t change; /* since A */
	uint32_t depth;
};

struct page_mark {
	const char *name;
	const char *when; /* exactly there, as behind the @ */
	uint64_t time;
};

/* Of the header. */
struct page_head {
	const char *command, *cwd;
	const char *now, *base; /* instants, as behind the @; base "" none */
	uint64_t time, base_time;
	struct query_totals totals;
	uint64_t base_live;
	uint64_t duration;
	bool is_complete, is_live, is_sample, has_two;
	bool has_classes; /* what was lost is told from what is reachable */
	const char *problem; /* NULL none */
	size_t notes;
};

struct page {
	struct ask ask; /* what it answers; owned */
	const char *error; /* instead of rows; NULL none */
	bool is_near; /* of about the instant only; the right one follows */
	bool is_fatal; /* there is no trace: nothing else can be asked */
	struct page_head head;
	struct page_column columns[PAGE_COLUMNS];
	size_t column_count;
	const char *title; /* of the last column */
	const char *summary; /* a line above the titles; NULL none */
	struct page_row *rows;
	size_t count, room;
	struct page_box *boxes;
	size_t box_count, box_room;
	uint64_t width; /* of all boxes */
	uint64_t whole; /* that shares are of */
	struct query_point *points;
	size_t point_count;
	struct page_mark *marks;
	size_t mark_count;
	uint64_t start; /* key of the row to begin with; 0 the first */
	char **owned; /* texts */
	size_t owned_count, owned_room;
};

struct page *page_create(const struct ask *a);
void page_destroy(struct page *p);

/* A copy that lives as long as the page; NULL of NULL. */
const char *page_text(struct page *p, const char *text);
const char *page_format(struct page *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Takes over a text that was allocated. */
const char *page_own(struct page *p, char *text);
struct query_frame page_frame(struct page *p, const struct query_frame *f);

struct page_row *page_add(struct page *p);
struct page_box *page_add_box(struct page *p);
void page_add_column(struct page *p, const char *title, int width, int from);

/* By the order of the page's question. */
void page_sort(struct page *p);

/* What a row says behind its figures, in at most so many columns, 0 any; the
 * caller frees it. Escaped. */
char *page_row_text(const struct page *p, const struct page_row *row,
		    size_t columns);

/* Begin with 0. */
uint64_t page_hash(uint64_t hash, const char *text);
uint64_t page_hash_number(uint64_t hash, uint64_t number);

#endif
