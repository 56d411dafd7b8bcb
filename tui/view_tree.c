/*
 * view_tree - who called whom to allocate, unfolded where one likes.
 *
 * At first what holds OPEN_SHARE of everything is unfolded, and single files of
 * callers; a node that was toggled is the other way round. A node that is the
 * only one below its parent stands under it without a step to the right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"
#include "tui/glyphs.h"
#include "tui/pair.h"
#include "tui/rows.h"
#include "tui/view.h"

enum {
	OPEN_SHARE = 20, /* a twentieth */
	ROWS_MAX = 5000,
	DEPTH_MAX = 400,
	PREFIX_MAX = 240, /* columns that trees take at most */
};

struct walk {
	struct page *page;
	struct pair_tree tree;
	uint64_t whole;
	bool compares;
	char prefix[PREFIX_MAX * 4]; /* of rows below the last */
	size_t steps; /* to the right */
};

struct spot {
	size_t depth;
	uint64_t parent; /* key */
	bool is_single, is_last;
	const char *stack;
};

static void add_children(struct walk *w, const struct pair *pair,
			 const struct spot *spot);

static bool is_open(const struct walk *w, const struct pair *pair)
{
	bool at_first = pair->value * OPEN_SHARE >= w->whole;

	return at_first != ask_is_toggled(&w->page->ask, pair->key);
}

/* "name\ncaller\n": innermost first, as for all stacks. */
static const char *stack_of(struct walk *w, const struct page_row *row,
			    const struct spot *spot)
{
	char *text = page_row_text(w->page, row, 0);
	const char *above = spot->stack ? spot->stack : "";
	const char *stack =
		w->page->ask.bottom_up
			? page_format(w->page, "%s%s\n", above, text)
			: page_format(w->page, "%s\n%s", text, above);

	free(text);
	return stack;
}

static void add_node(struct walk *w, const struct pair *pair,
		     const struct spot *spot)
{
	const struct glyphs *g = glyphs();
	const struct rows_figures f = {
		.metric = w->page->ask.metric,
		.compares = w->compares,
		.has_classes = w->page->head.has_classes,
		.now = &pair->total[1],
		.before = &pair->total[0],
		.whole = w->whole,
	};
	struct page_row row = { .key = pair->key, .parent = spot->parent };
	size_t length = strlen(w->prefix), count;
	bool has_step = !spot->is_single && w->steps < PREFIX_MAX / 3;
	struct spot below = { .depth = spot->depth + 1, .parent = pair->key };

	rows_figures(&row, &f);
	pair_name(w->page, &row, pair);
	row.prefix = page_format(w->page, "%s%s", w->prefix,
				 !has_step	 ? ""
				 : spot->is_last ? g->last
						 : g->fork);
	row.stack = below.stack = stack_of(w, &row, spot);
	free(pair_children(&w->tree, pair, &count));
	if (count)
		row.fold = is_open(w, pair) ? PAGE_OPEN : PAGE_FOLDED;
	*page_add(w->page) = row;
	if (row.fold != PAGE_OPEN || spot->depth >= DEPTH_MAX)
		return;
	if (has_step) {
		strcat(w->prefix, spot->is_last ? "   " : g->bar);
		w->steps++;
	}
	add_children(w, pair, &below);
	w->prefix[length] = '\0';
	w->steps -= has_step;
}

static void add_children(struct walk *w, const struct pair *pair,
			 const struct spot *spot)
{
	size_t count;
	struct pair *list = pair_children(&w->tree, pair, &count);

	for (size_t i = 0; i < count && w->page->count < ROWS_MAX; i++) {
		struct spot one = *spot;

		one.is_single = count == 1;
		one.is_last = i + 1 == count;
		add_node(w, &list[i], &one);
	}
	free(list);
}

int view_tree_fill(struct asker *a, struct page *p, struct err *err)
{
	const struct spot top = { .depth = 0 };
	struct walk *w = xcalloc(1, sizeof(*w));
	struct pair root;

	if (pair_open(&w->tree, a, &p->ask, err) < 0) {
		free(w);
		return -1;
	}
	w->page = p;
	w->compares = asker_compares(a, &p->ask);
	root = pair_root(&w->tree);
	w->whole = root.value;
	if (w->compares)
		w->whole = query_metric_of(&root.total[1], p->ask.metric);
	rows_titles(p, p->ask.metric, w->compares);
	p->title = p->ask.bottom_up ? "callees first" : "callers first";
	add_children(w, &root, &top);
	if (!p->count)
		page_add(p)->text = w->compares ? "nothing changed"
						: "nothing of this metric";
	pair_close(&w->tree);
	free(w);
	return 0;
}

/* Left folds, or goes to the parent; right unfolds. */
bool view_tree_act(struct browser *b, enum action action)
{
	const struct page *p = browser_page(b);
	const struct page_row *row = browser_row(b);
	struct list *l = &b->lists[b->ask.view];

	if (!row)
		return false;
	if (action == ACTION_ENTER ||
	    (action == ACTION_LEFT && row->fold == PAGE_OPEN) ||
	    (action == ACTION_RIGHT && row->fold == PAGE_FOLDED))
		return row->fold == PAGE_LEAF || browser_fold(b);
	if (action == ACTION_RIGHT)
		list_move(l, p, 1);
	if (action == ACTION_LEFT)
		for (size_t i = 0; i < p->count; i++)
			if (p->rows[i].key == row->parent) {
				list_go(l, p, i);
				break;
			}
	return action == ACTION_RIGHT || action == ACTION_LEFT;
}
