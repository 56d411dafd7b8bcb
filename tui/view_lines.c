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
	if (!row)
		return false;
	if ((action == ACTION_RIGHT && row->fold == PAGE_FOLDED) ||
	    (action == ACTION_LEFT && (row->fold == PAGE_OPEN || row->parent)))
		return browser_fold(b);
	if (action != ACTION_ENTER)
		return false;
	if (row->stacks && row->frame.file && row->subject == PAGE_LINE)
		return browser_source(b);
	if (row->fold != PAGE_LEAF || row->parent)
		return browser_fold(b);
	if (row->where)
		return browser_filter(b, row->where);
	return browser_source(b);
}
