/*
 * pair - see pair.h.
 */
#include "tui/pair.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

int pair_open(struct pair_tree *t, struct asker *a, const struct ask *ask,
	      struct err *err)
{
	const struct query_tree_options o = { .bottom_up = ask->bottom_up };
	struct query q = asker_query(a, ask);

	*t = (struct pair_tree){ .metric = ask->metric };
	t->now = profile_tree(a->now, &q, &o, err);
	if (!t->now)
		return -1;
	if (!asker_compares(a, ask))
		return 0;
	t->by_change = true;
	t->before = profile_tree(a->base, &q, &o, err);
	if (t->before)
		return 0;
	pair_close(t);
	return -1;
}

void pair_close(struct pair_tree *t)
{
	query_tree_close(t->now);
	query_tree_close(t->before);
}

static uint64_t key_of(uint64_t parent, const struct query_node *n)
{
	uint64_t key = page_hash(parent, n->frame.function);

	if (n->thread)
		return page_hash(key, n->thread->name);
	if (n->process)
		return page_hash_number(key, (uint64_t)n->process->pid);
	key = page_hash(key, n->frame.module);
	return n->frame.function ? key : page_hash_number(key, n->frame.addr);
}

static void add_side(struct pair *p, int side, const struct query_node *n)
{
	p->about = *n;
	p->total[side] = n->total;
	p->own[side] = n->own;
}

static void judge(const struct pair_tree *t, struct pair *p)
{
	uint64_t now = query_metric_of(&p->total[1], t->metric);
	uint64_t before = query_metric_of(&p->total[0], t->metric);

	if (!t->by_change)
		p->value = now;
	else
		p->value = now > before ? now - before : before - now;
}

struct pair pair_root(struct pair_tree *t)
{
	struct pair p = { .before = PAIR_NONE };
	struct query_node n = query_tree_node(t->now, 0);

	p.key = page_hash(0, "root");
	add_side(&p, 1, &n);
	if (t->before) {
		p.before = 0;
		n = query_tree_node(t->before, 0);
		add_side(&p, 0, &n);
	}
	judge(t, &p);
	return p;
}

static int compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static struct pair *find(struct pair *list, size_t count, uint64_t key)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].key == key)
			return &list[i];
	return NULL;
}

/* Borrowed ones last until the next call only. */
static uint32_t *copy_nodes(const uint32_t *nodes, size_t count)
{
	uint32_t *copy = xreallocarray(NULL, count + 1, sizeof(*copy));

	if (count)
		memcpy(copy, nodes, count * sizeof(*copy));
	return copy;
}

static size_t add_before(struct pair_tree *t, const struct pair *parent,
			 struct pair *list, size_t count)
{
	size_t n, had = count;
	const uint32_t *nodes =
		query_tree_children(t->before, parent->before, &n);
	uint32_t *copy = copy_nodes(nodes, n);

	for (size_t i = 0; i < n; i++) {
		struct query_node node = query_tree_node(t->before, copy[i]);
		uint64_t key = key_of(parent->key, &node);
		struct pair *p = find(list, had, key);
		struct query_node about;

		if (!p) {
			p = &list[count++];
			*p = (struct pair){ .now = PAIR_NONE, .key = key };
			p->about = node;
		}
		about = p->about;
		p->before = copy[i];
		add_side(p, 0, &node);
		p->about = about;
	}
	free(copy);
	return count;
}

static size_t add_now(struct pair_tree *t, const struct pair *parent,
		      struct pair *list)
{
	size_t n;
	const uint32_t *nodes = query_tree_children(t->now, parent->now, &n);
	uint32_t *copy = copy_nodes(nodes, n);

	for (size_t i = 0; i < n; i++) {
		struct query_node node = query_tree_node(t->now, copy[i]);

		list[i] = (struct pair){ .now = copy[i],
					 .before = PAIR_NONE,
					 .key = key_of(parent->key, &node) };
		add_side(&list[i], 1, &node);
	}
	free(copy);
	return n;
}

struct pair *pair_children(struct pair_tree *t, const struct pair *parent,
			   size_t *count)
{
	size_t room = 0, before = 0, kept = 0, n = 0;
	struct pair *list;

	if (parent->now != PAIR_NONE)
		query_tree_children(t->now, parent->now, &room);
	if (parent->before != PAIR_NONE)
		query_tree_children(t->before, parent->before, &before);
	list = xcalloc(room + before + 1, sizeof(*list));
	if (parent->now != PAIR_NONE)
		n = add_now(t, parent, list);
	if (parent->before != PAIR_NONE)
		n = add_before(t, parent, list, n);
	for (size_t i = 0; i < n; i++) {
		judge(t, &list[i]);
		if (list[i].value)
			list[kept++] = list[i];
	}
	/* Without an A they come sorted. */
	if (t->before && kept)
		qsort(list, kept, sizeof(*list), compare);
	*count = kept;
	return list;
}

void pair_name(struct page *p, struct page_row *row, const struct pair *pair)
{
	const struct query_node *n = &pair->about;

	if (n->thread) {
		row->text = page_format(p, "thread %s  tid %d",
					n->thread->name ? n->thread->name : "?",
					n->thread->tid);
		return;
	}
	row->subject = PAGE_LINE;
	row->frame = page_frame(p, &n->frame);
	if (n->recursion > 1 || n->frame.inlined)
		row->text = page_format(p, "%s%s",
					n->recursion > 1 ? " (recursive)" : "",
					n->frame.inlined ? " (inlined)" : "");
}
