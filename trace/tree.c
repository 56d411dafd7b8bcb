/*
 * tree - see tree.h.
 */
#include "trace/tree.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static uint64_t hash_of(uint32_t parent, uint32_t frame)
{
	return index_mix(parent, frame);
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct tree *t = table;

	return hash_of(t->nodes[number].parent, t->nodes[number].frame);
}

static uint32_t append(struct tree *t, uint32_t parent, uint32_t frame)
{
	t->nodes =
		xgrow(t->nodes, &t->capacity, t->count + 1, sizeof(*t->nodes));
	t->nodes[t->count] =
		(struct tree_node){ .parent = parent, .frame = frame };
	return (uint32_t)t->count++;
}

void tree_init(struct tree *t)
{
	*t = (struct tree){ .edges = xcalloc(TREE_EDGES, sizeof(*t->edges)) };
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

uint32_t tree_child(struct tree *t, uint32_t parent, uint32_t frame,
		    uint64_t word)
{
	uint32_t child = find(t, parent, frame);

	if (!child) {
		child = append(t, parent, frame);
		index_add(&t->index, child, t, hash_entry);
	}
	t->nodes[child].word = word;
	t->nodes[parent].last_child = child;
	*tree_edge(t, parent, word) = (struct tree_edge){
		.word = word,
		.parent = parent,
		.child = child,
	};
	return child;
}

void tree_forget_words(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++)
		t->nodes[i].word = 0;
	memset(t->edges, 0, TREE_EDGES * sizeof(*t->edges));
}

void tree_release(struct tree *t)
{
	free(t->nodes);
	free(t->edges);
	index_release(&t->index);
	*t = (struct tree){ 0 };
}
