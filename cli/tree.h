/*
 * tree - what `memprof tree` hands to the writers of its formats.
 */
#ifndef MEMPROF_CLI_TREE_H
#define MEMPROF_CLI_TREE_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree {
	struct profile *profile;
	struct query query;
	struct query_tree_options options;
	struct query_tree *nodes;
	double min_share; /* of the total that a node must have, and */
	uint64_t min; /* of the metric */
	size_t depth; /* levels below the root, 0 all */
	size_t limit; /* children of a node, 0 all */
	bool full; /* text: nothing is shortened */
};

/* A node to be shown, or what of its siblings is not. */
struct tree_line {
	uint32_t node; /* TREE_REST: their parent */
	size_t depth; /* of the root 0 */
	size_t rest; /* how many are not shown; 0 for a node */
	uint64_t rest_value; /* and what they have of the metric */
	bool is_only; /* nothing else is shown below its parent */
	bool is_last; /* of those */
};

typedef void tree_show(void *context, const struct tree_line *line,
		       const struct query_node *node);

/* Each that is to be shown, parents first. For a rest the node is empty. */
void tree_walk(const struct tree *t, tree_show *show, void *context);

/* Each writes the whole tree to stdout. */
void tree_text(const struct tree *t);
void tree_json(const struct tree *t);

#endif
