/*
 * view_leaks - what is left, by stack.
 *
 * Where the trace does not say what is still reachable, all blocks that are
 * live at the instant are here, and the page says so.
 */
#include "tui/rows.h"
#include "tui/view.h"

int view_leaks_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);
	const char *meaning = profile_quality(a->now)->leaks;

	q.by = QUERY_BY_STACK;
	q.sort = meaning ? QUERY_LIVE : QUERY_LEAKED;
	if (rows_fill(a, p, &q, err) < 0)
		return -1;
	if (meaning && !asker_compares(a, &p->ask))
		p->summary = "all that is live: the trace does not say what of "
			     "it is still reachable";
	return 0;
}

bool view_leaks_act(struct browser *b, enum action action)
{
	if (action != ACTION_ENTER && action != ACTION_LEFT &&
	    action != ACTION_RIGHT)
		return false;
	return browser_fold(b);
}
