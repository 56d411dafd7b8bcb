/*
 * view_flame - the call tree as boxes: callers above what they call, as wide as
 * their share.
 *
 * Boxes that are less than a column on the widest screen are left out. A box is
 * also a row of the page, so the cursor, search and all that is done with rows
 * are those of lists. Below a node that was zoomed in on all has the width of
 * the screen; what led there stays above.
 */
#include <stdlib.h>
#include <string.h>

#include "text/metric.h"
#include "trace/xmalloc.h"
#include "tui/glyphs.h"
#include "tui/pair.h"
#include "tui/view.h"

enum {
	BOXES_MAX = 4000,
	DEPTH_MAX = 300,
	SMALLEST = 400, /* of the width: columns of the widest screen */
};

struct walk {
	struct page *page;
	struct pair_tree tree;
	bool compares;
};

static void add_box(struct walk *w, const struct pair *pair, uint32_t depth,
		    uint64_t start)
{
	enum query_metric m = w->page->ask.metric;
	struct page_row row = { .key = pair->key };
	struct page_box box = { .start = start,
				.value = pair->value,
				.depth = depth };

	box.change = (int64_t)(query_metric_of(&pair->total[1], m) -
			       query_metric_of(&pair->total[0], m));
	pair_name(w->page, &row, pair);
	row.figures[0] = metric_amount(m, pair->value);
	row.figures[1] = metric_is_bytes(m) ? amount_bytes_change(box.change)
					    : amount_count_change(box.change);
	*page_add(w->page) = row;
	*page_add_box(w->page) = box;
}

static void add_below(struct walk *w, const struct pair *pair, uint32_t depth,
		      uint64_t start)
{
	size_t count;
	struct pair *list;

	if (depth >= DEPTH_MAX)
		return;
	list = pair_children(&w->tree, pair, &count);
	for (size_t i = 0; i < count && w->page->box_count < BOXES_MAX; i++) {
		if (list[i].value * SMALLEST >= w->page->width) {
			add_box(w, &list[i], depth, start);
			add_below(w, &list[i], depth + 1, start);
		}
		start += list[i].value;
	}
	free(list);
}

/* What leads to the node that was zoomed in on, each as wide as that. */
static bool find(struct walk *w, const struct pair *pair, uint32_t depth)
{
	size_t count, boxes = w->page->box_count;
	struct pair *list;
	bool found = false;

	if (pair->key == w->page->ask.zoom) {
		w->page->width = pair->value;
		add_box(w, pair, depth, 0);
		add_below(w, pair, depth + 1, 0);
		return true;
	}
	if (depth >= DEPTH_MAX)
		return false;
	add_box(w, pair, depth, 0);
	list = pair_children(&w->tree, pair, &count);
	for (size_t i = 0; i < count && !found; i++)
		found = find(w, &list[i], depth + 1);
	free(list);
	if (found)
		w->page->boxes[boxes].value = w->page->width;
	else
		w->page->count = w->page->box_count = boxes;
	return found;
}

static void finish(struct walk *w)
{
	struct page *p = w->page;

	for (size_t i = 0; i < p->count; i++) {
		char *text = page_row_text(p, &p->rows[i], 0);
		const char *above = "";

		/* The nearest box before it that is a level above. */
		for (size_t j = i; j--;)
			if (p->boxes[j].depth + 1 == p->boxes[i].depth) {
				above = p->rows[j].stack;
				p->rows[i].parent = p->rows[j].key;
				break;
			}
		p->rows[i].stack =
			p->ask.bottom_up
				? page_format(p, "%s%s\n", above, text)
				: page_format(p, "%s\n%s", text, above);
		free(text);
	}
}

int view_flame_fill(struct asker *a, struct page *p, struct err *err)
{
	struct walk w = { .page = p, .compares = asker_compares(a, &p->ask) };
	struct pair root;

	if (pair_open(&w.tree, a, &p->ask, err) < 0)
		return -1;
	w.tree.by_change = false;
	root = pair_root(&w.tree);
	p->width = root.value;
	if (!p->ask.zoom || !find(&w, &root, 0)) {
		add_box(&w, &root, 0, 0);
		add_below(&w, &root, 1, 0);
	}
	if (!p->ask.zoom) {
		p->rows[0].subject = PAGE_TEXT;
		p->rows[0].text = "all";
	}
	finish(&w);
	pair_close(&w.tree);
	return 0;
}

/*
 * On the screen
 */

struct canvas {
	const struct page *page;
	struct cells *cells;
	struct area area; /* of the boxes */
	uint32_t top; /* depth of the first row */
};

static int column_of(const struct canvas *c, uint64_t at)
{
	return c->page->width ? (int)((double)at * c->cells->columns /
					      (double)c->page->width +
				      0.5)
			      : 0;
}

static enum cells_style style_of(const struct page *p, size_t i)
{
	const struct query_frame *f = &p->rows[i].frame;

	if (*p->head.base)
		return p->boxes[i].change > 0	? CELLS_BOX_MORE
		       : p->boxes[i].change < 0 ? CELLS_BOX_LESS
						: CELLS_BOX_OTHER;
	if (!f->file || f->wrapper)
		return CELLS_BOX_OTHER;
	return p->rows[i].key & 1 ? CELLS_BOX : CELLS_BOX_NEXT;
}

static void draw_box(const struct canvas *c, size_t i, bool is_chosen)
{
	const struct page_box *box = &c->page->boxes[i];
	int from = column_of(c, box->start);
	int to = column_of(c, box->start + box->value);
	int row = (int)(box->depth - c->top) + c->area.top;
	struct pen pen;
	char *text;

	if (box->depth < c->top || row >= c->area.top + c->area.rows ||
	    to <= from)
		return;
	pen = pen_at(c->cells, row);
	pen.column = from;
	pen.style = style_of(c->page, i);
	/* A blank at the end keeps neighbours apart. */
	pen.end = to - from > 1 ? to - 1 : to;
	text = page_row_text(c->page, &c->page->rows[i],
			     (size_t)(to - from > 30 ? to - from - 1 : 0));
	pen_put(&pen, to - from > 2 ? text : " ");
	pen.end = to;
	pen_fill(&pen, to - 1, " ");
	if (to - from > 1)
		pen_put(&pen, glyphs()->wall);
	else
		pen_fill(&pen, to, " ");
	free(text);
	for (int column = from; is_chosen && column < to; column++)
		cells_at(c->cells, row, column)->is_chosen = true;
}

static void draw_chosen(const struct canvas *c, size_t i, int row)
{
	const struct page *p = c->page;
	struct pen pen = pen_at(c->cells, row);
	char *text = page_row_text(p, &p->rows[i], (size_t)pen.end);

	pen.style = CELLS_TITLE;
	pen_format(&pen, " %s  %s", p->rows[i].figures[0].text,
		   amount_share(p->boxes[i].value, p->width).text);
	if (*p->head.base) {
		pen.style = p->boxes[i].change > 0 ? CELLS_MORE : CELLS_LESS;
		pen_format(&pen, "  %s", p->rows[i].figures[1].text);
		pen.style = CELLS_TITLE;
	}
	pen_put(&pen, "  ");
	pen_put(&pen, text);
	free(text);
}

static struct canvas canvas_of(struct browser *b, struct area area)
{
	const struct list *l = &b->lists[VIEW_FLAME];
	struct canvas c = { .page = browser_page(b),
			    .cells = &b->cells,
			    .area = area };
	uint32_t depth;

	c.area.rows = area.rows > 1 ? area.rows - 1 : area.rows;
	if (l->cursor < c.page->box_count) {
		depth = c.page->boxes[l->cursor].depth;
		if (depth >= (uint32_t)c.area.rows)
			c.top = depth - (uint32_t)c.area.rows + 1;
	}
	return c;
}

void view_flame_draw(struct browser *b, struct area area)
{
	struct list *l = &b->lists[VIEW_FLAME];
	struct canvas c = canvas_of(b, area);

	l->rows = area.rows;
	if (l->cursor >= c.page->box_count)
		return;
	for (size_t i = 0; i < c.page->box_count; i++)
		draw_box(&c, i, i == l->cursor);
	if (area.rows > 1)
		draw_chosen(&c, l->cursor, area.top + area.rows - 1);
}

static bool is_within(const struct page_box *box, const struct page_box *in)
{
	return box->start >= in->start &&
	       box->start + box->value <= in->start + in->value;
}

/* The box that a step leads to; the same one when there is none. */
static size_t step(const struct page *p, size_t from, enum action action)
{
	const struct page_box *at = &p->boxes[from];
	size_t best = from;

	for (size_t i = 0; i < p->box_count; i++) {
		const struct page_box *box = &p->boxes[i];

		if (action == ACTION_UP && box->depth + 1 == at->depth &&
		    is_within(at, box))
			return i;
		if (action == ACTION_DOWN && box->depth == at->depth + 1 &&
		    is_within(box, at))
			return i;
		if (action == ACTION_RIGHT && box->depth == at->depth &&
		    box->start > at->start)
			return i;
		if (action == ACTION_LEFT && box->depth == at->depth &&
		    box->start < at->start)
			best = i;
	}
	return best;
}

/* Out by one step at a time. */
static bool zoom_out(struct browser *b)
{
	const struct page *p = browser_page(b);
	uint64_t parent = 0;

	if (!b->ask.zoom)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i].key == b->ask.zoom)
			parent = p->rows[i].parent;
	b->ask.zoom = parent && parent != p->rows[0].key ? parent : 0;
	browser_ask(b);
	return true;
}

bool view_flame_act(struct browser *b, enum action action)
{
	const struct page *p = browser_page(b);
	struct list *l = &b->lists[VIEW_FLAME];

	if (action == ACTION_BACK)
		return zoom_out(b);
	if (l->cursor >= p->box_count)
		return false;
	if (action >= ACTION_UP && action <= ACTION_RIGHT) {
		list_go(l, p, step(p, l->cursor, action));
		return true;
	}
	if (action != ACTION_ENTER)
		return false;
	b->ask.zoom = p->boxes[l->cursor].depth ? p->rows[l->cursor].key : 0;
	browser_ask(b);
	return true;
}

void view_flame_click(struct browser *b, struct area area, int row, int column)
{
	struct canvas c = canvas_of(b, area);

	for (size_t i = 0; i < c.page->box_count; i++) {
		const struct page_box *box = &c.page->boxes[i];

		if ((int)box->depth - (int)c.top + area.top == row &&
		    column_of(&c, box->start) <= column &&
		    column_of(&c, box->start + box->value) > column)
			list_go(&b->lists[VIEW_FLAME], c.page, i);
	}
}
