/*
 * pair - a call tree, or those of A and B as one.
 *
 * Nodes of the two trees are a pair when their paths read the same. Each has a
 * key made of that path, which stays the same when the trees are made anew for
 * another instant: what is unfolded stays so.
 */
#ifndef MEMPROF_TUI_PAIR_H
#define MEMPROF_TUI_PAIR_H

#include "tui/asker.h"

enum {
	PAIR_NONE = UINT32_MAX,
};

struct pair_tree {
	struct query_tree *now, *before; /* owned; before NULL: no A */
	enum query_metric metric;
	bool by_change; /* sorted; else by what there is now */
};

struct pair {
	uint32_t now, before; /* nodes, PAIR_NONE */
	uint64_t key;
	struct query_node about; /* frame and such: of either */
	struct query_counts total[2], own[2]; /* before, now */
	uint64_t value; /* that they are sorted by */
};

/* -1 with err set. */
int pair_open(struct pair_tree *t, struct asker *a, const struct ask *ask,
	      struct err *err);
void pair_close(struct pair_tree *t);

struct pair pair_root(struct pair_tree *t);
/* In order, without those that have nothing; the caller frees them. */
struct pair *pair_children(struct pair_tree *t, const struct pair *parent,
			   size_t *count);

/* What a node says: "main  a.c:3", or of a thread. The page's. */
void pair_name(struct page *p, struct page_row *row, const struct pair *pair);

#endif
