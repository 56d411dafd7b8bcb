/*
 * diff - what changed from one answer to another.
 *
 * Both profiles answer the same question in full, the rows are matched, and
 * what is left of each pair is judged by the metric that was asked for.
 */
#include "analyzer/query.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/match.h"
#include "analyzer/profile.h"
#include "trace/xmalloc.h"

static const char *const change_names[QUERY_CHANGES] = {
	[QUERY_SAME] = "same", [QUERY_NEW] = "new",	  [QUERY_GONE] = "gone",
	[QUERY_GREW] = "grew", [QUERY_SHRANK] = "shrank",
};

const char *query_change_name(enum query_change change)
{
	return change_names[change];
}

static uint64_t value_of(const struct query_row *row, enum query_metric m)
{
	return row ? query_metric_of(&row->counts, m) : 0;
}

int64_t query_diff_of(const struct query_diff_row *row, enum query_metric m)
{
	return (int64_t)(value_of(row->after, m) - value_of(row->before, m));
}

static bool is_used(const struct query_row *row)
{
	return row && (row->counts.calls || row->counts.live_bytes);
}

static enum query_change judge(const struct query_diff_row *row,
			       enum query_metric m)
{
	uint64_t before = value_of(row->before, m);
	uint64_t after = value_of(row->after, m);

	if (before == after)
		return QUERY_SAME;
	if (!before)
		return QUERY_NEW;
	if (!after)
		return QUERY_GONE;
	return after > before ? QUERY_GREW : QUERY_SHRANK;
}

struct diff {
	struct query_diff *result;
	struct query_diff_row *rows;
	size_t count;
	enum query_metric sort;
	bool all;
};

static void add_row(struct diff *d, const struct query_row *before,
		    const struct query_row *after)
{
	struct query_diff_row row = { .before = before, .after = after };

	if (!is_used(before) && !is_used(after))
		return;
	row.change = judge(&row, d->sort);
	d->result->changes[row.change]++;
	if (row.change != QUERY_SAME || d->all)
		d->rows[d->count++] = row;
}

static uint64_t size_of(int64_t delta)
{
	return delta < 0 ? -(uint64_t)delta : (uint64_t)delta;
}

static int compare_places(const struct query_row *a, const struct query_row *b)
{
	int order = calls_compare(&a->place, &b->place);

	if (!order)
		order = a->size_max < b->size_max ? -1
						  : a->size_max > b->size_max;
	return order;
}

/* By change; then by what allocated more, and by what the row says. */
static int compare_rows(const void *a, const void *b, void *sort)
{
	const struct query_diff_row *x = a, *y = b;
	int64_t dx = query_diff_of(x, *(enum query_metric *)sort);
	int64_t dy = query_diff_of(y, *(enum query_metric *)sort);
	uint64_t ax = size_of(query_diff_of(x, QUERY_ALLOCATED));
	uint64_t ay = size_of(query_diff_of(y, QUERY_ALLOCATED));
	int order;

	if (size_of(dx) != size_of(dy))
		return size_of(dx) > size_of(dy) ? -1 : 1;
	if (dx != dy)
		return dx > dy ? -1 : 1;
	if (ax != ay)
		return ax > ay ? -1 : 1;
	order = compare_places(x->after ? x->after : x->before,
			       y->after ? y->after : y->before);
	if (!order && !x->after != !y->after)
		order = x->after ? -1 : 1;
	/* Rows of one answer stand in its order. */
	if (!order && x->after)
		order = x->after < y->after ? -1 : x->after > y->after;
	else if (!order)
		order = x->before < y->before ? -1 : x->before > y->before;
	return order;
}

static void add_rows(struct diff *d, const struct match_side *old,
		     const struct match_side *new, enum query_by by)
{
	uint32_t *pair = match_rows(old, new, by);
	bool *used = xcalloc(new->count + 1, sizeof(*used));

	for (size_t i = 0; i < old->count; i++) {
		if (pair[i] != MATCH_NONE)
			used[pair[i]] = true;
		add_row(d, &old->rows[i],
			pair[i] == MATCH_NONE ? NULL : &new->rows[pair[i]]);
	}
	for (size_t i = 0; i < new->count; i++)
		if (!used[i])
			add_row(d, NULL, &new->rows[i]);
	free(pair);
	free(used);
}

static struct query_diff *compare(const struct match_side side[2],
				  const struct query *q, bool all)
{
	struct arena *arena = &side[1].profile->answers;
	struct diff d = { .sort = q->sort, .all = all };

	d.result = arena_alloc(arena, 1, sizeof(*d.result));
	d.rows = arena_alloc(arena, side[0].count + side[1].count + 1,
			     sizeof(*d.rows));
	add_rows(&d, &side[0], &side[1], q->by);
	if (d.count)
		qsort_r(d.rows, d.count, sizeof(*d.rows), compare_rows,
			&d.sort);
	d.result->rows = d.rows;
	d.result->total_rows = d.result->count = d.count;
	if (q->limit && d.count > q->limit)
		d.result->count = q->limit;
	return d.result;
}

/* All rows of one side; NULL with err set. */
static const struct query_result *ask(struct profile *p, const struct query *q,
				      struct match_side *side, struct err *err)
{
	struct query whole = *q;
	const struct query_result *r;

	/* The differences are sorted; stacks cost more than all the rest. */
	whole.limit = 0;
	whole.unsorted = true;
	r = profile_query(p, &whole, err);
	if (r)
		*side = (struct match_side){ p, r->rows, r->count };
	return r;
}

static const struct query_diff *answer(const struct match_side side[2],
				       const struct query_result *const r[2],
				       const struct query *q, bool all)
{
	struct query_diff *d;

	if (!r[0] || !r[1])
		return NULL;
	d = compare(side, q, all);
	d->before = r[0]->total;
	d->after = r[1]->total;
	return d;
}

const struct query_diff *profile_diff(struct profile *before,
				      struct profile *after,
				      const struct query *q, bool all,
				      struct err *err)
{
	const struct query_result *r[2] = { NULL, NULL };
	struct match_side side[2];

	r[0] = ask(before, q, &side[0], err);
	if (r[0])
		r[1] = ask(after, q, &side[1], err);
	return answer(side, r, q, all);
}

const struct query_diff *profile_diff_instants(struct profile *p,
					       const char *const when[2],
					       const struct query *q, bool all,
					       struct err *err)
{
	const struct query_result *r[2] = { NULL, NULL };
	struct match_side side[2];

	for (int i = 0; i < 2; i++) {
		if (profile_seek(p, when[i], err) < 0)
			return NULL;
		r[i] = ask(p, q, &side[i], err);
		if (!r[i])
			return NULL;
	}
	return answer(side, r, q, all);
}
