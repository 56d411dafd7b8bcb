/*
 * ask - what the screen is about: everything that decides what a view shows,
 * but for the place of the cursor.
 *
 * It is a value: the interface changes its own, and hands copies to the worker,
 * which answers each with a page.
 */
#ifndef MEMPROF_TUI_ASK_H
#define MEMPROF_TUI_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/query.h"

enum {
	ASK_WHEN = 128, /* bytes of an instant, with a zero */
	ASK_WHERE = 512,
	ASK_TARGET = 1024,
};

enum view_id {
	VIEW_LINES,
	VIEW_TREE,
	VIEW_FLAME,
	VIEW_SOURCE,
	VIEW_TIMELINE,
	VIEW_DIFF,
	VIEW_THREADS,
	VIEW_SIZES,
	VIEW_LEAKS,
	VIEW_INFO,
	VIEW_HELP,
	VIEWS,
};

enum ask_order {
	ASK_BY_METRIC,
	ASK_BY_CALLS,
	ASK_BY_NAME,
	ASK_ORDERS,
};

/* Nodes of trees that are not as they are at first, by their keys. */
struct folds {
	uint64_t *keys; /* owned */
	size_t count, room;
};

struct ask {
	uint64_t number; /* of the question: each is another */
	enum view_id view;
	char now[ASK_WHEN]; /* behind the @; "" as the trace was opened */
	char base[ASK_WHEN]; /* A; "" none, unless there are two traces */
	char where[ASK_WHERE]; /* "" all blocks */
	enum query_metric metric;
	enum query_by by; /* of lines */
	enum ask_order order;
	bool is_reversed;
	bool bottom_up; /* of trees */
	uint64_t zoom; /* key of the node that a flame graph begins with */
	char target[ASK_TARGET]; /* of the source: profile_annotate() */
	struct folds folds;
	bool reload; /* the trace has grown */
};

void ask_copy(struct ask *to, const struct ask *from);
void ask_release(struct ask *a);

/* Not as it was. */
void ask_toggle(struct ask *a, uint64_t key);
bool ask_is_toggled(const struct ask *a, uint64_t key);

#endif
