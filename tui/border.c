/*
 * border - see border.h.
 *
 * The screen may be too small for all of it: lines are given up from the least
 * useful on, so that a view has at least a row as long as there are two.
 */
#include "tui/border.h"

#include <stdio.h>
#include <string.h>

#include "text/escape.h"
#include "text/metric.h"
#include "tui/view.h"

enum {
	ROWS_ALL = 8, /* from here on there is all of it */
	TAB_ROW = 2,
};

static bool has_all(const struct browser *b)
{
	return b->cells.rows >= ROWS_ALL;
}

static const char *summary_of(const struct browser *b)
{
	const struct page *p = browser_page(b);

	return p && !p->error ? p->summary : NULL;
}

struct area border_area(const struct browser *b)
{
	int above = has_all(b) ? TAB_ROW + 1 : 1;

	if (has_all(b) && *b->ask.where)
		above++;
	if (has_all(b) && summary_of(b))
		above++;
	return (struct area){ .top = above, .rows = b->cells.rows - above - 1 };
}

static struct amount instant_text(const char *name, uint64_t time,
				  bool is_named)
{
	struct amount a = amount_time(time), out;

	if (!is_named)
		return a;
	snprintf(out.text, sizeof(out.text), "@%.12s %.12s", name, a.text);
	return out;
}

/* An instant that a key led to is a time in ns: it says nothing more. */
static bool is_name(const char *when)
{
	return when[0] < '0' || when[0] > '9';
}

static void draw_instant(struct pen *pen, const struct page_head *h,
			 bool is_near)
{
	char text[128];
	struct amount now = instant_text(h->now, h->time, is_name(h->now));
	struct amount base =
		instant_text(h->base, h->base_time, is_name(h->base));
	int width;

	if (is_near)
		snprintf(now.text, sizeof(now.text), "about %.20s",
			 amount_time(h->time).text);
	if (*h->base)
		snprintf(text, sizeof(text), " A %s  B %s ", base.text,
			 now.text);
	else
		snprintf(text, sizeof(text), " %s ", now.text);
	width = (int)escape_width(text);
	if (width < pen_room(pen)) {
		pen_fill(pen, pen->end - width, " ");
		pen_put(pen, text);
	}
}

static void draw_program(struct browser *b, const struct page_head *h)
{
	struct pen pen = pen_at(&b->cells, 0);
	int end = pen.end;

	pen.style = CELLS_HEAD;
	pen_put(&pen, b->options->is_live ? " memprof top  " : " memprof  ");
	if (!h) {
		pen_fill(&pen, end, " ");
		return;
	}
	/* The instant is worth more than the end of a long command. */
	pen.end = end > 60 ? end - 40 : end - 14;
	pen_put(&pen, h->command);
	pen.end = end;
	draw_instant(&pen, h, browser_page(b)->is_near);
	pen_fill(&pen, end, " ");
}

static void draw_quality(struct pen *pen, const struct page_head *h)
{
	bool is_good = h->is_complete || h->is_live;

	pen->style = is_good ? CELLS_LESS : CELLS_WARNING;
	pen_put(pen, h->is_live	      ? "  live"
		     : h->is_complete ? "  complete"
				      : "  incomplete (0)");
	if (h->notes && pen_room(pen) > 12) {
		pen->style = CELLS_WARNING;
		pen_format(pen, "  %zu note%s (0)", h->notes,
			   h->notes == 1 ? "" : "s");
	}
}

static void draw_totals(struct browser *b, const struct page_head *h)
{
	struct pen pen = pen_at(&b->cells, 1);
	const struct query_totals *t = &h->totals;
	int64_t change = (int64_t)(t->live_bytes - h->base_live);

	pen_format(&pen, " %slive %s in %s", h->is_sample ? "about " : "",
		   amount_bytes(t->live_bytes).text,
		   amount_count(t->live_blocks).text);
	if (*h->base) {
		pen.style = change > 0 ? CELLS_MORE : CELLS_LESS;
		pen_format(&pen, " (%s)", amount_bytes_change(change).text);
		pen.style = CELLS_PLAIN;
	}
	pen_format(&pen, "  peak %s at %s", amount_bytes(t->peak_bytes).text,
		   amount_time(t->peak_time_ns).text);
	if (b->cells.columns >= 100) {
		pen_format(
			&pen, "  %s calls",
			amount_count(t->allocations + t->reallocations).text);
		pen_format(&pen, ", %s", amount_bytes(t->allocated_bytes).text);
	}
	draw_quality(&pen, h);
}

/* Where the names of views stand, and which one is at `column`. */
static int draw_tabs(struct browser *b, struct pen *pen, int column)
{
	int found = -1;

	for (int i = 0; i < VIEWS; i++) {
		int from = pen->column;
		char digit[2] = { i < VIEW_INFO ? (char)('1' + i) : '0', '\0' };

		pen->style = CELLS_DIM;
		if (i != VIEW_HELP && b->cells.columns >= 90)
			pen_put(pen, digit);
		pen->style = (enum view_id)i == b->ask.view ? CELLS_TAB
							    : CELLS_PLAIN;
		pen_put(pen, view_of((enum view_id)i)->name);
		if (column >= from && column < pen->column)
			found = i;
		pen->style = CELLS_PLAIN;
		pen_skip(pen, 1);
	}
	return found;
}

static void draw_where(struct browser *b, int row)
{
	struct pen pen = pen_at(&b->cells, row);

	pen.style = CELLS_WARNING;
	pen_put(&pen, " only ");
	pen.style = CELLS_PLAIN;
	pen_put(&pen, b->ask.where);
}

int border_tab_at(const struct browser *b, int row, int column)
{
	struct browser copy = { .ask = b->ask };
	struct pen pen;
	int found;

	if (row != TAB_ROW || !has_all(b))
		return -1;
	cells_resize(&copy.cells, 1, b->cells.columns);
	pen = pen_at(&copy.cells, 0);
	pen_skip(&pen, 1);
	found = draw_tabs(&copy, &pen, column);
	cells_release(&copy.cells);
	return found;
}

static void draw_top(struct browser *b)
{
	const struct page *p = browser_page(b);
	const char *summary = summary_of(b);
	int row = TAB_ROW;
	struct pen pen;

	draw_program(b, p ? &p->head : NULL);
	if (!has_all(b))
		return;
	if (p)
		draw_totals(b, &p->head);
	pen = pen_at(&b->cells, row++);
	pen_skip(&pen, 1);
	draw_tabs(b, &pen, -1);
	if (*b->ask.where)
		draw_where(b, row++);
	if (!summary)
		return;
	pen = pen_at(&b->cells, row);
	pen.style = CELLS_DIM;
	pen_skip(&pen, 1);
	pen_put(&pen, summary);
}

static void draw_state(struct browser *b, struct pen *pen)
{
	static const char *const orders[ASK_ORDERS] = {
		[ASK_BY_METRIC] = "",
		[ASK_BY_CALLS] = " by calls",
		[ASK_BY_NAME] = " by name",
	};
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s ", metric_title(b->ask.metric),
		 orders[b->ask.order], b->ask.is_reversed ? " reversed" : "",
		 b->is_paused ? " PAUSED" : "");
	if (pen_room(pen) <= (int)strlen(text))
		return;
	pen_skip(pen, pen_room(pen) - (int)strlen(text));
	pen->style = CELLS_TITLE;
	pen_put(pen, text);
}

void border_draw(struct browser *b)
{
	char activity[128];
	struct pen pen = pen_at(&b->cells, b->cells.rows - 1);

	if (b->cells.rows > 1)
		draw_top(b);
	if (b->prompt.kind != PROMPT_NONE) {
		prompt_draw(&b->prompt, &pen);
		return;
	}
	pen_skip(&pen, 1);
	if (b->is_waiting_long) {
		pen.style = CELLS_WARNING;
		worker_activity(b->worker, activity, sizeof(activity));
		pen_format(&pen, "%s ... Esc stops  ",
			   *activity ? activity : "working");
	}
	pen.style = *b->message ? CELLS_TITLE : CELLS_DIM;
	pen_put(&pen, *b->message ? b->message : view_of(b->ask.view)->hints);
	draw_state(b, &pen);
}
