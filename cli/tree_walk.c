/*
 * tree_walk - the nodes of a tree that are to be shown; see tree.h.
 *
 * Trees may be as deep as stacks, so the way down is kept in an array.
 */
#include "cli/tree.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

/* The children of a node, while they are gone through. */
struct level {
	uint32_t node;
	size_t shown, at;
	size_t rest; /* not shown, but worth a line */
	uint64_t rest_value;
};

struct walk {
	const struct tree *tree;
	struct level *levels;
	size_t depth, room;
	uint64_t threshold;
};

static uint64_t value_of(const struct walk *w, const struct query_node *n)
{
	return query_metric_of(&n->total, w->tree->query.sort);
}

static uint64_t threshold_of(const struct tree *t)
{
	struct query_node root = query_tree_node(t->nodes, 0);
	double share = t->min_share / 100 *
		       (double)query_metric_of(&root.total, t->query.sort);

	return share > (double)t->min ? (uint64_t)share : t->min;
}

/* Sorted by value: those that are large enough come first. */
static struct level open_level(const struct walk *w, uint32_t node)
{
	const struct tree *t = w->tree;
	struct level l = { .node = node };
	const uint32_t *children;
	struct query_node child;
	size_t count;

	children = query_tree_children(t->nodes, node, &count);
	if (t->depth && w->depth >= t->depth)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		/* Opening a node may move the array. */
		children = query_tree_children(t->nodes, node, &count);
		child = query_tree_node(t->nodes, children[i]);
		if (value_of(w, &child) >= w->threshold && l.shown == i &&
		    (!t->limit || i < t->limit)) {
			l.shown++;
			continue;
		}
		l.rest++;
		l.rest_value += value_of(w, &child);
	}
	if (!l.rest_value || l.rest_value < w->threshold)
		l.rest = 0;
	return l;
}

static void push(struct walk *w, uint32_t node)
{
	struct level l = open_level(w, node);

	w->levels =
		xgrow(w->levels, &w->room, w->depth + 1, sizeof(*w->levels));
	w->levels[w->depth++] = l;
}

static struct tree_line line_of(const struct walk *w, const struct level *l)
{
	return (struct tree_line){
		.depth = w->depth,
		.is_only = l->shown == 1 && !l->rest,
		.is_last = l->at + 1 == l->shown + (l->rest != 0),
	};
}

static void show_rest(const struct walk *w, const struct level *l,
		      tree_show *show, void *context)
{
	const struct query_node nothing = { 0 };
	struct tree_line line = line_of(w, l);

	if (!l->rest)
		return;
	line.node = l->node;
	line.rest = l->rest;
	line.rest_value = l->rest_value;
	show(context, &line, &nothing);
}

void tree_walk(const struct tree *t, tree_show *show, void *context)
{
	struct walk w = { .tree = t, .threshold = threshold_of(t) };
	struct tree_line line = { .is_only = true };
	struct query_node node = query_tree_node(t->nodes, 0);
	size_t count;

	show(context, &line, &node);
	push(&w, 0);
	while (w.depth) {
		struct level *l = &w.levels[w.depth - 1];

		if (l->at == l->shown) {
			show_rest(&w, l, show, context);
			w.depth--;
			continue;
		}
		line = line_of(&w, l);
		line.node =
			query_tree_children(t->nodes, l->node, &count)[l->at++];
		node = query_tree_node(t->nodes, line.node);
		show(context, &line, &node);
		push(&w, line.node);
	}
	free(w.levels);
}
