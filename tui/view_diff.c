/*
 * view_diff - what changed from A to B, by place, largest change first.
 *
 * Other views show differences too when there is an A; this one asks for it
 * when there is none.
 */
#include "tui/rows.h"
#include "tui/view.h"

static void explain(struct page *p)
{
	static const char *const lines[] = {
		"There is no A to compare with yet.",
		"",
		"Go to an instant of the run and press a: it is A from then "
		"on. What is",
		"looked at is B, and every view shows what changed from A to "
		"it, signed,",
		"with places that are new or gone.",
		"",
		"5      the timeline: h and l move in time, [ and ] go to "
		"marks, p to the peak",
		"a      sets A, c clears it",
		"6      comes back here",
		"",
		"Two traces are compared by 'memprof tui BEFORE AFTER'.",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		page_add(p)->text = lines[i];
}

int view_diff_fill(struct asker *a, struct page *p, struct err *err)
{
	struct query q = asker_query(a, &p->ask);

	if (!asker_compares(a, &p->ask)) {
		explain(p);
		return 0;
	}
	q.by = p->ask.by;
	return rows_fill(a, p, &q, err);
}
