/*
 * calltree - who called whom, with what was allocated below.
 *
 * The trace's tree of frames becomes one of functions: addresses within a
 * function are one, frames hold the calls inlined into them, wrappers are left
 * out, threads are put together. Recursion is folded: a function that is met
 * again further in is the node it had before, so a path never has it twice, and
 * what it calls then is called by that node.
 *
 * Each node of the trace is looked at once, so this costs what the trace's tree
 * costs, however often its stacks allocated.
 */
#ifndef MEMPROF_ANALYZER_CALLTREE_H
#define MEMPROF_ANALYZER_CALLTREE_H

#include "analyzer/profile.h"
#include "analyzer/selection.h"

enum {
	CALLTREE_ROOT = 0,
};

enum calltree_kind {
	CALLTREE_ALL, /* the root */
	CALLTREE_THREAD,
	CALLTREE_PROCESS,
	CALLTREE_CALL,
};

struct calltree_node {
	enum calltree_kind kind;
	uint32_t parent; /* smaller than its own number */
	uint32_t key; /* thread, process, or equal for equal functions */
	uint32_t call; /* the first that was met */
	uint32_t recursion; /* how often one stack passes, at most */
	bool is_mixed; /* of several lines */
	bool is_plain; /* not only inlined */
	bool is_guessed; /* in some stack */
};

struct calltree {
	struct profile *profile; /* borrowed */
	struct calltree_node *nodes; /* owned, as all arrays here */
	struct query_counts *own; /* by node */
	uint32_t count;
	size_t room;
};

void calltree_build(struct calltree *t, struct profile *p,
		    const struct query *q, const struct query_tree_options *o,
		    const struct selection *s);
void calltree_release(struct calltree *t);

/* As it is shown; without counts. */
struct query_node calltree_describe(const struct calltree *t,
				    const struct calltree_node *n);

/* Order of two nodes of equal figures, by what they read. */
int calltree_compare(const struct calltree *t, const struct calltree_node *a,
		     const struct calltree_node *b);

#endif
