/*
 * asker - the worker's side: the profiles, and how pages are made of them.
 *
 * One thread owns an asker and everything in it. There are one or two profiles:
 * that of B, the instant looked at, and that of A, which is another trace or
 * the same one a second time, so that neither moves for the other's sake.
 */
#ifndef MEMPROF_TUI_ASKER_H
#define MEMPROF_TUI_ASKER_H

#include "analyzer/query.h"
#include "tui/page.h"
#include "tui/tui.h"

struct asker {
	const struct tui_options *options; /* borrowed */
	struct profile *now; /* owned; NULL not yet open */
	struct profile *base; /* owned; NULL not open */
	struct where *where; /* owned; NULL all blocks */
	/* May be called at any time while something is read: give it up? */
	bool (*stops)(void *arg);
	void *arg;
};

/* A page, also when something is wrong: it then says what. */
struct page *asker_answer(struct asker *a, const struct ask *ask);
/*
 * One of about the instant that is asked for, at once; NULL when the right one
 * takes no longer.
 */
struct page *asker_answer_near(struct asker *a, const struct ask *ask);
void asker_release(struct asker *a);

/* For views: the question as the analyzer takes it. */
struct query asker_query(const struct asker *a, const struct ask *ask);
bool asker_compares(const struct asker *a, const struct ask *ask);

#endif
