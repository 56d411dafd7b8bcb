/*
 * tree - see tree.h.
 */
#include "trace/tree.h"

#include <stdlib.h>
#include <string.h>

#include "trace/pages.h"
#include "trace/xmalloc.h"

enum {
	EDGE_BITS_FIRST = 12,
	EDGE_BITS_MOST = 20,
};

static uint64_t hash_of(uint32_t parent, uint32_t frame)
{
	return index_mix(parent, frame);
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct tree *t = table;

	return hash_of(t->nodes[number].parent, t->nodes[number].frame);
}

static size_t edge_bytes(const struct tree *t)
{
	return t->edge_count * sizeof(*t->edges);
}

/* They come back as they are met again. */
static void take_edges(struct tree *t, unsigned int bits)
{
	pages_give(t->edges, edge_bytes(t));
	t->edge_count = (size_t)1 << bits;
	t->edge_shift = 64 - bits;
	t->edges = pages_take(edge_bytes(t));
}

static uint32_t append(struct tree *t, uint32_t parent, uint32_t frame)
{
	unsigned int bits = 64 - t->edge_shift;

	t->nodes =
		xgrow(t->nodes, &t->capacity, t->count + 1, sizeof(*t->nodes));
	t->nodes[t->count] =
		(struct tree_node){ .parent = parent, .frame = frame };
	if (t->count > t->edge_count && bits < EDGE_BITS_MOST)
		take_edges(t, bits + 2);
	return (uint32_t)t->count++;
}

void tree_init(struct tree *t)
{
	*t = (struct tree){ 0 };
	take_edges(t, EDGE_BITS_FIRST);
	append(t, 0, 0);
}

static uint32_t find(const struct tree *t, uint32_t parent, uint32_t frame)
{
	uint64_t hash = hash_of(parent, frame);
	uint32_t id;

	for (size_t at = index_start(&t->index, hash);
	     (id = index_at(&t->index, at)); at = index_next(&t->index, at))
		if (t->nodes[id - 1].parent == parent &&
		    t->nodes[id - 1].frame == frame)
			return id - 1;
	return 0;
}

uint32_t tree_child(struct tree *t, const struct tree_step *step,
		    uint32_t frame)
{
	uint32_t child = find(t, step->parent, frame);

	if (!child) {
		child = append(t, step->parent, frame);
		index_add(&t->index, child, t, hash_entry);
	}
	*tree_second(t, step->path) = *tree_edge(t, step->path);
	*tree_edge(t, step->path) = (struct tree_edge){
		.word = step->word,
		.parent = step->parent,
		.child = child,
	};
	return child;
}

void tree_forget_words(struct tree *t)
{
	memset(t->edges, 0, edge_bytes(t));
}

void tree_release(struct tree *t)
{
	free(t->nodes);
	pages_give(t->edges, edge_bytes(t));
	index_release(&t->index);
	*t = (struct tree){ 0 };
}
