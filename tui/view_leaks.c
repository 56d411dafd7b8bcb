/*
 * view_leaks - what is left, by stack.
 *
 * Where the trace does not say what is still reachable, all blocks that are
 * live at the instant are here, and the page says so.
 */
#include "text/root.h"
#include "tui/rows.h"
#include "tui/view.h"

enum {
	ROOTS_MAX = 100,
};

/* What is not lost, by who holds it. */
static void add_roots(struct page *p, struct profile *profile)
{
	size_t count;
	const struct query_root *r = profile_roots(profile, &count);
	struct page_row *row;

	if (!count)
		return;
	page_add(p)->text = "";
	row = page_add(p);
	row->text = "not lost; held by:";
	row->style = CELLS_TITLE;
	for (size_t i = 0; i < count && i < ROOTS_MAX; i++, r++) {
		row = page_add(p);
		row->figures[0] = amount_bytes(r->bytes);
		row->figures[2] = amount_count(r->blocks);
		row->text = page_own(p, root_text(r));
	}
}

int view_leaks_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);
	bool compares = asker_compares(a, &p->ask);

	q.by = QUERY_BY_STACK;
	q.sort = p->head.has_classes ? QUERY_LEAKED : QUERY_LIVE;
	if (rows_fill(a, p, &q, err) < 0)
		return -1;
	if (!p->head.has_classes && !compares)
		p->summary = "all that is live: memprof run --leaks tells what "
			     "of it is lost";
	if (p->head.has_classes && !compares) {
		p->summary = "lost: nothing points to it any more";
		add_roots(p, a->now);
	}
	return 0;
}

bool view_leaks_act(struct browser *b, enum action action)
{
	if (action != ACTION_ENTER && action != ACTION_LEFT &&
	    action != ACTION_RIGHT)
		return false;
	return browser_fold(b);
}
