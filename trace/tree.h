/*
 * tree - the stacks of a run: each node is a frame called from another node.
 *
 * Built one frame at a time as stacks arrive, so the question asked most is
 * "the child of this node for that address". Each node remembers the child it
 * gave last, and each child the word of the ring that led to it: where the
 * two agree, in 60 to 97 of 100 cases, one load answers. Then a small table of
 * pairs (parent, word) met lately is asked, that stays in the processor's
 * cache: a node that calls several others in turn is found there. Else the
 * word is made a frame and the pair (parent, frame) looked up.
 *
 * 24 bytes a node and 5 to 11 of index; node 0 is the root. Nothing is ever
 * taken out.
 */
#ifndef MEMPROF_TRACE_TREE_H
#define MEMPROF_TRACE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"

struct tree_node {
	uint64_t word; /* that led here last, 0 none; see tree_word() */
	uint32_t parent;
	uint32_t frame;
	uint32_t last_child; /* 0 none */
	uint32_t last_site; /* of sites.h, + 1; 0 none */
};

/* A child met lately. */
struct tree_edge {
	uint64_t word; /* 0: none */
	uint32_t parent, child;
};

struct tree {
	struct tree_node *nodes; /* owned */
	struct tree_edge *edges; /* TREE_EDGES of them, owned */
	size_t count, capacity;
	struct index index;
};

enum {
	TREE_EDGE_BITS = 14,
	TREE_EDGES = 1 << TREE_EDGE_BITS,
	TREE_GENERATION_SHIFT = 48,
	TREE_GENERATION_MASK = (1 << 14) - 1,
};

void tree_init(struct tree *t);
/* The child of `parent` for `frame`; `word` will find it faster next time. */
uint32_t tree_child(struct tree *t, uint32_t parent, uint32_t frame,
		    uint64_t word);
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

/* Where the edge would be, if it was met lately. */
static inline struct tree_edge *tree_edge(const struct tree *t, uint32_t parent,
					  uint64_t word)
{
	uint64_t hash = (word ^ (uint64_t)parent << 17) * 0x9e3779b97f4a7c15ULL;

	return &t->edges[hash >> (64 - TREE_EDGE_BITS)];
}

/* 0 when it has to be looked up. */
static inline uint32_t tree_guess(const struct tree *t, uint32_t parent,
				  uint64_t word)
{
	uint32_t child = t->nodes[parent].last_child;
	const struct tree_edge *edge;

	if (t->nodes[child].word == word)
		return child;
	edge = tree_edge(t, parent, word);
	return edge->word == word && edge->parent == parent ? edge->child : 0;
}

#endif
