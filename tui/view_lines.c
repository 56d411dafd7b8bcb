/*
 * view_lines - where memory is, as a table; by whatever key it is grouped.
 */
#include "tui/rows.h"
#include "tui/view.h"

int view_lines_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);

	q.by = p->ask.by;
	return rows_fill(a, p, &q, err);
}

bool view_lines_act(struct browser *b, enum action action)
{
	const struct page_row *row = browser_row(b);

	if (action == ACTION_GROUP) {
		browser_group(b);
		return true;
	}
	if (action != ACTION_ENTER || !row)
		return false;
	if (row->fold != PAGE_LEAF)
		return browser_fold(b);
	if (row->where)
		return browser_filter(b, row->where);
	return browser_source(b);
}
