/*
 * view_timeline - memory over time, with a cursor in it.
 *
 * The cursor is B, the instant that all views are about. The graph is of the
 * whole run and there at once; the list below it, of what was live then, comes
 * when the worker has gone there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"
#include "tui/glyphs.h"
#include "tui/rows.h"
#include "tui/view.h"

enum {
	LABEL = 10, /* columns of the axis */
	LIST_MIN = 6, /* rows of a list that is worth having */
	GRAPH_MIN = 7,
	FAR = 10, /* steps */
	RESIDENT_MAX = 4, /* times the heap: more is not drawn */
};

int view_timeline_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);
	size_t count;
	const struct query_point *points =
		profile_timeline(a->now, a->options->pid, &count);

	p->points = xreallocarray(NULL, count + 1, sizeof(*points));
	if (count)
		memcpy(p->points, points, count * sizeof(*points));
	p->point_count = count;
	q.by = p->ask.by;
	/* Of an instant in the middle, what is live is the question. */
	if (q.sort == QUERY_PEAK)
		q.sort = QUERY_LIVE;
	if (rows_fill(a, p, &q, err) < 0)
		return -1;
	p->summary = NULL;
	return 0;
}

/*
 * On the screen
 */

struct graph {
	const struct page *page;
	struct cells *cells;
	struct area area; /* of the bars */
	int columns;
	uint64_t *heap, *resident; /* by column; owned */
	uint64_t highest;
	bool has_resident; /* it is drawn */
	uint64_t now, base; /* times of B and A */
};

static uint64_t duration_of(const struct page *p)
{
	uint64_t last = p->point_count ? p->points[p->point_count - 1].time : 0;

	return last > p->head.duration ? last : p->head.duration;
}

static int column_of(const struct graph *g, uint64_t time)
{
	uint64_t duration = duration_of(g->page);
	double at = duration ? (double)time / (double)duration : 0;
	int column = (int)(at * g->columns);

	return column < g->columns ? column : g->columns - 1;
}

static void raise(uint64_t *to, uint64_t value)
{
	if (value > *to)
		*to = value;
}

/* Each step is charged to the columns that it lies in. */
static void measure(struct graph *g)
{
	uint64_t resident = 0;
	int from = 0;

	g->heap = xcalloc((size_t)g->columns, sizeof(*g->heap));
	g->resident = xcalloc((size_t)g->columns, sizeof(*g->resident));
	for (size_t i = 0; i < g->page->point_count; i++) {
		const struct query_point *p = &g->page->points[i];
		int to = column_of(g, p->time);

		for (int column = from; column <= to; column++) {
			raise(&g->heap[column],
			      column == to ? p->heap_high : p->heap);
			raise(&g->resident[column], p->resident);
		}
		from = to;
	}
	for (int column = 0; column < g->columns; column++) {
		raise(&g->highest, g->heap[column]);
		raise(&resident, g->resident[column]);
	}
	/* Where the heap is a line at the bottom, it says nothing. */
	g->has_resident = !g->highest || resident / g->highest < RESIDENT_MAX;
	if (g->has_resident)
		raise(&g->highest, resident);
}

static int eighths(const struct graph *g, uint64_t value)
{
	return g->highest ? (int)((double)value / (double)g->highest *
					  g->area.rows * 8 +
				  0.5)
			  : 0;
}

static void draw_cell(const struct graph *g, int row, int column)
{
	int level = g->area.rows - 1 - row;
	int heap = eighths(g, g->heap[column]) - level * 8;
	int resident = (eighths(g, g->resident[column]) - 1) / 8;
	struct pen pen = pen_at(g->cells, g->area.top + row);

	pen.column = LABEL + 1 + column;
	if (heap > 0) {
		pen.style = CELLS_HEAP;
		pen_put(&pen, glyphs()->eighths[heap > 8 ? 8 : heap]);
	} else if (g->has_resident && g->resident[column] &&
		   level == resident) {
		pen.style = CELLS_RESIDENT;
		pen_put(&pen, ".");
	}
}

static void draw_line(const struct graph *g, uint64_t time, const char *sign)
{
	struct pen pen;
	int column = LABEL + 1 + column_of(g, time);

	for (int row = -1; row < g->area.rows; row++) {
		struct cell *cell =
			cells_at(g->cells, g->area.top + row, column);

		pen = pen_at(g->cells, g->area.top + row);
		pen.column = column;
		pen.style = CELLS_MARK;
		if (row < 0)
			pen_put(&pen, sign);
		else if (strcmp(cell->text, " ") == 0)
			pen_put(&pen, glyphs()->cursor);
		else
			cell->is_chosen = true;
	}
}

static void draw_labels(const struct graph *g)
{
	for (int row = 0; row < g->area.rows; row++) {
		struct pen pen = pen_at(g->cells, g->area.top + row);
		uint64_t level = g->highest / (uint64_t)g->area.rows *
				 (uint64_t)(g->area.rows - row);

		pen.style = CELLS_DIM;
		if (row % 3 == 0)
			pen_right(&pen, LABEL, amount_bytes(level).text);
		else
			pen_skip(&pen, LABEL);
		pen_put(&pen, glyphs()->wall);
	}
}

/* Marks stand below the axis, as far as they do not run into each other. */
static void draw_axis(const struct graph *g)
{
	int row = g->area.top + g->area.rows;
	struct pen pen = pen_at(g->cells, row);
	struct amount end = amount_time(duration_of(g->page));
	int next = 0;

	pen.style = CELLS_DIM;
	pen_right(&pen, LABEL, "0 s");
	pen_put(&pen, "+");
	pen_fill(&pen, pen.end - (int)strlen(end.text) - 1, glyphs()->line);
	pen_put(&pen, " ");
	pen_put(&pen, end.text);
	pen.style = CELLS_MARK;
	for (size_t i = 0; i < g->page->mark_count; i++) {
		int column = column_of(g, g->page->marks[i].time);

		if (column < next)
			continue;
		pen.column = LABEL + 1 + column;
		pen.end = g->cells->columns - (int)strlen(end.text) - 1;
		pen_put(&pen, "^");
		pen_put(&pen, g->page->marks[i].name);
		next = pen.column - LABEL;
	}
}

static bool is_between(const struct graph *g, uint64_t time, int from, int to)
{
	int column = LABEL + 1 + column_of(g, time);

	return column >= from && column < to;
}

/* Neither A nor B stands there. */
static bool is_clear(const struct graph *g, int from, int width)
{
	bool has_base = *g->page->head.base && !g->page->head.has_two;

	return from >= 0 && from + width <= g->cells->columns &&
	       !is_between(g, g->now, from, from + width) &&
	       !(has_base && is_between(g, g->base, from, from + width));
}

/* The first column of a text on the left or on the right; -1: on neither. */
static int place_legend(const struct graph *g, int width)
{
	int right = g->cells->columns - width;

	return is_clear(g, 0, width)	   ? 0
	       : is_clear(g, right, width) ? right
					   : -1;
}

/* In words: how high it was in the column where the cursor is. */
static void draw_legend(const struct graph *g)
{
	struct pen pen = pen_at(g->cells, g->area.top - 1);
	int column = column_of(g, g->now), from;
	char heap[64], resident[64] = "";

	snprintf(heap, sizeof(heap), " heap up to %s ",
		 amount_bytes(g->heap[column]).text);
	if (g->resident[column])
		snprintf(resident, sizeof(resident), "%s resident %s%s ",
			 g->has_resident ? " ." : "",
			 amount_bytes(g->resident[column]).text,
			 g->has_resident ? "" : ", not drawn");
	from = place_legend(g, (int)(strlen(heap) + strlen(resident)));
	if (from < 0) {
		resident[0] = '\0';
		from = place_legend(g, (int)strlen(heap));
	}
	if (from < 0)
		return;
	pen.column = from;
	pen.style = CELLS_HEAP;
	pen_put(&pen, heap);
	pen.style = CELLS_RESIDENT;
	pen_put(&pen, resident);
}

static uint64_t cursor_time(const struct browser *b)
{
	const struct page *p = browser_page(b);
	char *end;
	uint64_t ns = strtoull(b->ask.now, &end, 10);

	return strcmp(end, "ns") == 0 && end != b->ask.now ? ns : p->head.time;
}

static struct area graph_area(struct area area)
{
	struct area graph = { area.top + 1, area.rows - 2 };

	if (area.rows >= GRAPH_MIN + LIST_MIN + 2)
		graph.rows = area.rows / 2 - 1;
	return graph;
}

static int graph_columns(const struct browser *b)
{
	int columns = b->cells.columns - LABEL - 1;

	return columns > 1 ? columns : 1;
}

void view_timeline_draw(struct browser *b, struct area area)
{
	const struct list_look look = { .match = *b->search ? b->search : NULL,
					.has_cursor = true };
	struct graph g = { .page = browser_page(b),
			   .cells = &b->cells,
			   .area = graph_area(area),
			   .columns = graph_columns(b),
			   .now = cursor_time(b),
			   .base = browser_page(b)->head.base_time };
	struct area list;

	if (g.area.rows < 1 || b->cells.columns < 2 * LABEL)
		return;
	measure(&g);
	draw_labels(&g);
	for (int row = 0; row < g.area.rows; row++)
		for (int column = 0; column < g.columns; column++)
			draw_cell(&g, row, column);
	draw_axis(&g);
	draw_legend(&g);
	if (*g.page->head.base && !g.page->head.has_two)
		draw_line(&g, g.base, "A");
	draw_line(&g, g.now, "B");
	free(g.heap);
	free(g.resident);
	list.top = g.area.top + g.area.rows + 1;
	list.rows = area.top + area.rows - list.top;
	b->lists[VIEW_TIMELINE].rows = 0;
	if (list.rows > 1)
		list_draw(&b->lists[VIEW_TIMELINE], g.page, &b->cells, list,
			  &look);
}

/*
 * Keys
 */

static void go(struct browser *b, int64_t steps)
{
	uint64_t duration = duration_of(browser_page(b));
	uint64_t step = duration / (uint64_t)graph_columns(b) + 1;
	int64_t to = (int64_t)cursor_time(b) + steps * (int64_t)step;

	if (to < 0)
		to = 0;
	if ((uint64_t)to >= duration)
		browser_go_to(b, "end");
	else
		browser_go(b, (uint64_t)to);
}

bool view_timeline_act(struct browser *b, enum action action)
{
	switch (action) {
	case ACTION_LEFT:
		go(b, -1);
		return true;
	case ACTION_RIGHT:
		go(b, 1);
		return true;
	case ACTION_FAR_LEFT:
		go(b, -FAR);
		return true;
	case ACTION_FAR_RIGHT:
		go(b, FAR);
		return true;
	case ACTION_FIRST:
		browser_go(b, 0);
		return true;
	case ACTION_LAST:
		browser_go_to(b, "end");
		return true;
	default:
		return view_lines_act(b, action);
	}
}

void view_timeline_click(struct browser *b, struct area area, int row,
			 int column)
{
	struct area graph = graph_area(area);
	struct list *l = &b->lists[VIEW_TIMELINE];
	uint64_t step =
		duration_of(browser_page(b)) / (uint64_t)graph_columns(b);

	if (row < graph.top + graph.rows && column > LABEL)
		browser_go(b, step * (uint64_t)(column - LABEL - 1));
	else if (row > graph.top + graph.rows + 1)
		list_go(l, browser_page(b),
			l->top + (size_t)(row - graph.top - graph.rows - 2));
}
