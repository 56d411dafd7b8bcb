/*
 * view_sizes - how large blocks are. Enter keeps only those of a size.
 */
#include <stdlib.h>

#include "tui/glyphs.h"
#include "tui/rows.h"
#include "tui/view.h"

enum {
	SIZE_COLUMNS = 24,
	BAR_MAX = 40,
};

/* "64 B          ####" */
static void add_bar(struct page *p, struct page_row *row, uint64_t most)
{
	char bar[BAR_MAX * 4 + 1] = "";
	int length =
		most ? (int)((double)row->value / (double)most * BAR_MAX + 0.5)
		     : 0;
	char *end = bar;

	for (int i = 0; i < length && i < BAR_MAX; i++)
		end += sprintf(end, "%s", glyphs()->full);
	row->text = page_format(p, "%-*s%s", SIZE_COLUMNS, row->text, bar);
}

int view_sizes_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);
	uint64_t most = 0;

	q.by = QUERY_BY_SIZE;
	if (rows_fill(a, p, &q, err) < 0)
		return -1;
	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i].value > most)
			most = p->rows[i].value;
	for (size_t i = 0; i < p->count; i++)
		add_bar(p, &p->rows[i], most);
	return 0;
}
