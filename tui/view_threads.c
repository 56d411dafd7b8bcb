/*
 * view_threads - what each thread allocated. Enter keeps only its blocks.
 */
#include "tui/rows.h"
#include "tui/view.h"

int view_threads_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);

	q.by = QUERY_BY_THREAD;
	return rows_fill(a, p, &q, err);
}

/* Of sizes too. */
bool view_threads_act(struct browser *b, enum action action)
{
	const struct page_row *row = browser_row(b);

	return action == ACTION_ENTER && row && row->where &&
	       browser_filter(b, row->where);
}
