/*
 * query_tree - call trees as front ends walk them.
 *
 * Callers first, a node is one of the calltree. Callees first, it is a set of
 * *trails*: a node of the calltree that allocated itself, and how far out from
 * there the caller stands. Its children are the same trails one step further
 * out, put together by function; they are made when somebody asks for them,
 * because nobody looks at all.
 */
#include "analyzer/query.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/calltree.h"
#include "analyzer/lookup.h"
#include "trace/xmalloc.h"

enum {
	ENDED = UINT32_MAX,
};

struct trail {
	uint32_t origin; /* whose own counts these are */
	uint32_t at; /* the node further out */
};

struct node {
	struct calltree_node about; /* `parent` is one of these */
	uint32_t first, count; /* in `children` */
	bool is_open; /* children are known */
	bool is_sorted;
	struct trail *trails; /* callees first; owned */
	uint32_t trail_count;
	struct query_counts total, own;
};

struct query_tree {
	struct calltree base;
	struct node *nodes; /* owned */
	uint32_t count;
	size_t room;
	uint32_t *children; /* those of each node together; owned */
	size_t child_count, child_room;
	enum query_metric sort;
	bool is_grouped; /* by thread or process */
};

static uint32_t add_node(struct query_tree *t, const struct calltree_node *n)
{
	t->nodes = xgrow(t->nodes, &t->room, (size_t)t->count + 1,
			 sizeof(*t->nodes));
	t->nodes[t->count] = (struct node){ .about = *n };
	return t->count++;
}

static void add_child(struct query_tree *t, uint32_t child)
{
	t->children = xgrow(t->children, &t->child_room, t->child_count + 1,
			    sizeof(*t->children));
	t->children[t->child_count++] = child;
}

/*
 * Callers first
 */

static void sum_up(struct query_tree *t)
{
	for (uint32_t i = t->count; i--;) {
		struct node *n = &t->nodes[i];

		n->own = t->base.own[i];
		query_counts_add(&n->total, &n->own);
		if (i)
			query_counts_add(&t->nodes[n->about.parent].total,
					 &n->total);
	}
}

static void open_all(struct query_tree *t)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < t->base.count; i++)
		add_node(t, &t->base.nodes[i]);
	sum_up(t);
	for (uint32_t i = 1; i < t->count; i++)
		t->nodes[t->nodes[i].about.parent].count++;
	for (uint32_t i = 0; i < t->count; i++) {
		t->nodes[i].first = at;
		t->nodes[i].is_open = true;
		at += t->nodes[i].count;
		t->nodes[i].count = 0;
	}
	t->child_count = at;
	t->children = xgrow(NULL, &t->child_room, (size_t)at + 1,
			    sizeof(*t->children));
	for (uint32_t i = 1; i < t->count; i++) {
		struct node *parent = &t->nodes[t->nodes[i].about.parent];

		t->children[parent->first + parent->count++] = i;
	}
}

/*
 * Callees first
 */

static void start_trails(struct query_tree *t)
{
	const struct query_counts nothing = { 0 };
	struct node *root;

	add_node(t, &t->base.nodes[CALLTREE_ROOT]);
	root = &t->nodes[CALLTREE_ROOT];
	root->trails =
		xreallocarray(NULL, t->base.count, sizeof(*root->trails));
	for (uint32_t i = 0; i < t->base.count; i++) {
		const struct query_counts *own = &t->base.own[i];

		if (memcmp(own, &nothing, sizeof(nothing)) == 0)
			continue;
		query_counts_add(&root->total, own);
		root->trails[root->trail_count++] =
			(struct trail){ .origin = i, .at = i };
	}
}

/* The thread or process that a node of the calltree is of. */
static uint32_t group_of(const struct query_tree *t, uint32_t base)
{
	while (t->base.nodes[base].kind == CALLTREE_CALL)
		base = t->base.nodes[base].parent;
	return base;
}

/* One step further out from a node; ENDED when there is none. */
static uint32_t step_out(const struct query_tree *t, enum calltree_kind from,
			 const struct trail *trail)
{
	uint32_t next = trail->at;

	if (from == CALLTREE_ALL && t->is_grouped)
		next = group_of(t, trail->origin);
	else if (from == CALLTREE_CALL)
		next = t->base.nodes[trail->at].parent;
	if (next == CALLTREE_ROOT ||
	    (from != CALLTREE_ALL && t->base.nodes[next].kind != CALLTREE_CALL))
		return ENDED;
	return next;
}

static bool is_same(const void *owner, uint32_t item, const void *key)
{
	const struct calltree_node *a =
		&((const struct query_tree *)owner)->nodes[item].about;
	const struct calltree_node *b = key;

	return a->key == b->key && a->kind == b->kind;
}

/* Puts a node of the calltree with those of its function. */
static uint32_t join(struct query_tree *t, struct lookup *l, uint32_t parent,
		     const struct calltree_node *base)
{
	uint32_t hash = lookup_hash_numbers(base->key, base->kind);
	uint32_t found = lookup_find(l, hash, is_same, t, base);
	struct calltree_node *about;

	if (found == LOOKUP_NONE) {
		found = add_node(t, base);
		t->nodes[found].about.parent = parent;
		lookup_add(l, hash, found);
		add_child(t, found);
		return found;
	}
	about = &t->nodes[found].about;
	about->is_mixed |= base->is_mixed || base->call != about->call;
	about->is_plain |= base->is_plain;
	about->is_guessed |= base->is_guessed;
	if (base->recursion > about->recursion)
		about->recursion = base->recursion;
	return found;
}

static void hand_out(struct query_tree *t, uint32_t parent,
		     const uint32_t *child, const uint32_t *at)
{
	const struct node *n = &t->nodes[parent];

	for (uint32_t i = 0; i < n->count; i++) {
		struct node *c = &t->nodes[t->children[n->first + i]];

		c->trails =
			xreallocarray(NULL, c->trail_count, sizeof(*c->trails));
		c->trail_count = 0;
	}
	for (uint32_t i = 0; i < n->trail_count; i++) {
		struct node *c;

		if (child[i] == ENDED)
			continue;
		c = &t->nodes[child[i]];
		/* A thread is no step: its callees are the first. */
		c->trails[c->trail_count++] = (struct trail){
			.origin = n->trails[i].origin,
			.at = c->about.kind == CALLTREE_CALL ? at[i]
							     : n->trails[i].at,
		};
	}
}

static void open_node(struct query_tree *t, uint32_t number)
{
	uint32_t count = t->nodes[number].trail_count;
	uint32_t *child = xreallocarray(NULL, count, sizeof(*child));
	uint32_t *at = xreallocarray(NULL, count, sizeof(*at));
	struct lookup l;

	lookup_init(&l);
	t->nodes[number].first = (uint32_t)t->child_count;
	for (uint32_t i = 0; i < count; i++) {
		const struct trail trail = t->nodes[number].trails[i];
		const struct query_counts *own = &t->base.own[trail.origin];

		child[i] = ENDED;
		at[i] = step_out(t, t->nodes[number].about.kind, &trail);
		if (at[i] == ENDED) {
			query_counts_add(&t->nodes[number].own, own);
			continue;
		}
		child[i] = join(t, &l, number, &t->base.nodes[at[i]]);
		t->nodes[child[i]].trail_count++;
		query_counts_add(&t->nodes[child[i]].total, own);
	}
	t->nodes[number].count =
		(uint32_t)t->child_count - t->nodes[number].first;
	t->nodes[number].is_open = true;
	hand_out(t, number, child, at);
	lookup_release(&l);
	free(child);
	free(at);
}

/*
 * Both
 */

struct query_tree *profile_tree(struct profile *p, const struct query *q,
				const struct query_tree_options *o,
				struct err *err)
{
	const struct selection *s = selection_of(p, q, err);
	struct query_tree *t;

	if (!s)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->sort = q->sort;
	t->is_grouped = q->by == QUERY_BY_THREAD || q->by == QUERY_BY_PROCESS;
	calltree_build(&t->base, p, q, o, s);
	if (o->bottom_up)
		start_trails(t);
	else
		open_all(t);
	return t;
}

void query_tree_close(struct query_tree *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->count; i++)
		free(t->nodes[i].trails);
	calltree_release(&t->base);
	free(t->nodes);
	free(t->children);
	free(t);
}

struct query_node query_tree_node(struct query_tree *t, uint32_t node)
{
	struct query_node out;

	if (!t->nodes[node].is_open)
		open_node(t, node);
	out = calltree_describe(&t->base, &t->nodes[node].about);
	out.parent = t->nodes[node].about.parent;
	out.total = t->nodes[node].total;
	out.own = t->nodes[node].own;
	return out;
}

static int compare(const void *a, const void *b, void *tree)
{
	const struct query_tree *t = tree;
	const struct node *x = &t->nodes[*(const uint32_t *)a];
	const struct node *y = &t->nodes[*(const uint32_t *)b];
	uint64_t vx = query_metric_of(&x->total, t->sort);
	uint64_t vy = query_metric_of(&y->total, t->sort);

	if (vx != vy)
		return vx > vy ? -1 : 1;
	if (x->total.allocated_bytes != y->total.allocated_bytes)
		return x->total.allocated_bytes > y->total.allocated_bytes ? -1
									   : 1;
	return calltree_compare(&t->base, &x->about, &y->about);
}

const uint32_t *query_tree_children(struct query_tree *t, uint32_t node,
				    size_t *count)
{
	struct node *n;

	if (!t->nodes[node].is_open)
		open_node(t, node);
	n = &t->nodes[node];
	if (!n->is_sorted && n->count)
		qsort_r(&t->children[n->first], n->count, sizeof(*t->children),
			compare, t);
	n->is_sorted = true;
	*count = n->count;
	return n->count ? &t->children[n->first] : NULL;
}
