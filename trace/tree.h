/*
 * tree - the stacks of a run: each node is a frame called from another node.
 *
 * Built one frame at a time as stacks arrive, so the question asked most is
 * "the child of this node for that address". A table of edges met lately
 * answers it: (parent, word of the ring) -> child. Only when it does not is
 * the word made a frame and the pair (parent, frame) looked up.
 *
 * Where in that table an edge stands depends on the words of its whole path
 * and on no node. So of a stack that arrives all edges are known, and asked
 * for, before the first is looked at: with 17 new frames and 100,000 stacks,
 * waiting for one line of memory after the other took 35 ns a frame.
 *
 * 8 bytes a node, 5 to 11 of index, and 16 to 32 of edges, but of those no
 * more than 16 MiB; node 0 is the root. Nothing is ever taken out.
 */
#ifndef MEMPROF_TRACE_TREE_H
#define MEMPROF_TRACE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"

struct tree_node {
	uint32_t parent;
	uint32_t frame;
};

/* A child met lately; two that are neighbours share their places. */
struct tree_edge {
	uint64_t word; /* 0: none */
	uint32_t parent, child;
};

struct tree {
	struct tree_node *nodes; /* owned */
	size_t count, capacity;
	struct index index;
	struct tree_edge *edges; /* owned, `edge_count` of them */
	size_t edge_count; /* a power of two */
	unsigned int edge_shift; /* of a path, to make it a place */
};

/* How a node is come to: from its parent, by a word of the ring. */
struct tree_step {
	uint64_t path; /* see tree_path() */
	uint64_t word; /* see tree_word() */
	uint32_t parent;
};

enum {
	TREE_GENERATION_SHIFT = 48,
	TREE_GENERATION_MASK = (1 << 14) - 1,
};

void tree_init(struct tree *t);
/* The child for `frame`; the step will find it faster next time. */
uint32_t tree_child(struct tree *t, const struct tree_step *step,
		    uint32_t frame);
/* Generations have run round: no word means anything any more. */
void tree_forget_words(struct tree *t);
void tree_release(struct tree *t);

/*
 * A frame as the ring has it, and the generation of the address space it is
 * from, in bits that no address uses.
 */
static inline uint64_t tree_word(uint64_t word, uint32_t generation)
{
	return word | (uint64_t)(generation & TREE_GENERATION_MASK)
			      << TREE_GENERATION_SHIFT;
}

/* The path that goes on by `word`: a hash, good in its high bits. */
static inline uint64_t tree_path(uint64_t path, uint64_t word)
{
	return ((path << 32 | path >> 32) ^ word) * 0x9e3779b97f4a7c15ULL;
}

static inline struct tree_edge *tree_edge(const struct tree *t, uint64_t path)
{
	return &t->edges[path >> t->edge_shift];
}

/* That edge will be asked for soon. */
static inline void tree_expect(const struct tree *t, uint64_t path)
{
	__builtin_prefetch(tree_edge(t, path));
}

/* The other edge that may stand there. */
static inline struct tree_edge *tree_second(const struct tree *t, uint64_t path)
{
	return &t->edges[path >> t->edge_shift ^ 1];
}

static inline uint32_t tree_edge_child(const struct tree_edge *edge,
				       const struct tree_step *step)
{
	return edge->word == step->word && edge->parent == step->parent
		       ? edge->child
		       : 0;
}

/* 0 when it has to be looked up. */
static inline uint32_t tree_guess(const struct tree *t,
				  const struct tree_step *step)
{
	uint32_t child = tree_edge_child(tree_edge(t, step->path), step);

	return child ? child
		     : tree_edge_child(tree_second(t, step->path), step);
}

#endif
