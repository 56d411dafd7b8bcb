/*
 * Design
 * ------
 * An instant moves from mark to mark, so the events are read once. Of each row
 * sums are kept, not values: memory goes with the number of rows, not with that
 * of marks. Of very many marks every nth is looked at.
 *
 * Growth is told from a start by thirds. What grows is never as low in the last
 * third as it once was in the first, and still grows in the last; a cache that
 * fills up, or is emptied from time to time, does not. The line is fitted, by
 * least squares, to what follows the first third.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "analyzer/selection.h"
#include "analyzer/where.h"
#include "trace/xmalloc.h"

enum {
	MARKS_MIN = 6,
	MARKS_MAX = 512, /* that are looked at */
};

static const char *const names[QUERY_TRENDS] = {
	[QUERY_TREND_LEVEL] = "level",	 [QUERY_TREND_GROWS] = "grows",
	[QUERY_TREND_ONCE] = "once",	 [QUERY_TREND_SETTLES] = "settles",
	[QUERY_TREND_VARIES] = "varies", [QUERY_TREND_SHRINKS] = "shrinks",
};

const char *query_trend_name(enum query_trend_kind kind)
{
	return names[kind];
}

/*
 * Marks
 */

/* Its name without "-12", "#12" or "12". */
static size_t base_length(const char *name)
{
	size_t size = strlen(name), all = size;

	while (size && isdigit((unsigned char)name[size - 1]))
		size--;
	if (size && size < all && strchr("-_#. ", name[size - 1]))
		size--;
	return size ? size : all;
}

/* By events: times are coarse. */
static bool is_mark(const struct profile *p, const struct model_mark *m)
{
	uint64_t from = trace_run(p->trace)->first_event;
	uint64_t to = p->is_end ? UINT64_MAX : instant_event(p->at);

	if (p->range && p->range->from.events > from)
		from = p->range->from.events;
	if (p->to && p->range)
		to = p->range->to.events;
	return m->kind == MODEL_MARK_NAMED && m->events >= from &&
	       m->events <= to;
}

static bool is_of(const struct model_mark *m, const char *name, size_t size)
{
	return base_length(m->name) == size && !strncmp(m->name, name, size);
}

static size_t count_of(const struct profile *p, const char *name, size_t size)
{
	size_t n, count = 0;
	const struct model_mark *marks = trace_marks(p->trace, &n);

	for (size_t i = 0; i < n; i++)
		count += is_mark(p, &marks[i]) && is_of(&marks[i], name, size);
	return count;
}

static int compare_names(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t n = base_length(x), m = base_length(y);
	int order = memcmp(x, y, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

/* The name of which there are most: sorted, they stand together. */
static const char *most_frequent(const struct profile *p)
{
	const char *best = NULL;
	size_t n, count = 0, most = 0, first = 0;
	const struct model_mark *marks = trace_marks(p->trace, &n);
	const char **sorted = xcalloc(n + 1, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		if (is_mark(p, &marks[i]))
			sorted[count++] = marks[i].name;
	if (count)
		qsort(sorted, count, sizeof(*sorted), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (compare_names(&sorted[i], &sorted[first]) != 0)
			first = i;
		if (i - first + 1 > most) {
			most = i - first + 1;
			best = sorted[i];
		}
	}
	free(sorted);
	return best;
}

struct steps {
	uint64_t *events; /* of the marks that are looked at; owned */
	size_t count, stride, marks;
	const char *name;
};

static int find_steps(struct profile *p, const char *mark, struct steps *s,
		      struct err *err)
{
	const char *name = mark ? mark : most_frequent(p);
	size_t n, seen = 0, size = name ? base_length(name) : 0;
	const struct model_mark *marks = trace_marks(p->trace, &n);

	if (!name)
		return err_set(err, "the trace has no marks");
	s->name = arena_text(&p->arena, name, size);
	s->marks = count_of(p, name, size);
	if (s->marks < MARKS_MIN)
		return err_set(err, "%zu marks '%s' are too few: %d at least",
			       s->marks, s->name, MARKS_MIN);
	s->stride = (s->marks + MARKS_MAX - 1) / MARKS_MAX;
	s->events = xcalloc(s->marks, sizeof(*s->events));
	for (size_t i = 0; i < n; i++)
		if (is_mark(p, &marks[i]) && is_of(&marks[i], name, size) &&
		    seen++ % s->stride == 0)
			s->events[s->count++] = marks[i].events;
	return 0;
}

/*
 * Rows
 */

struct track {
	uint64_t blocks, bytes; /* at this mark */
	uint64_t first_blocks, first_bytes;
	uint64_t before; /* bytes at the mark before */
	uint64_t high; /* in the first third, in bytes */
	uint64_t low; /* in the last */
	uint64_t start_of_last;
	size_t grew, shrank; /* steps */
	double sum_blocks, sum_bytes; /* behind the first third */
	double sum_x_blocks, sum_x_bytes;
};

struct tracks {
	struct profile *profile;
	const uint32_t *rows; /* of each site */
	struct track *items; /* owned */
	size_t count;
	size_t marks, third;
};

static void add_up(struct tracks *t, const struct model_stats *stats)
{
	for (size_t i = 0; i < t->count; i++)
		t->items[i].blocks = t->items[i].bytes = 0;
	for (size_t i = 0; i < t->profile->site_count; i++) {
		struct track *to;

		if (t->rows[i] == QUERY_NO_ROW)
			continue;
		to = &t->items[t->rows[i]];
		to->blocks += model_live_blocks(&stats[i]);
		to->bytes += model_live_bytes(&stats[i]);
	}
}

static void follow(struct track *t, size_t mark, const struct tracks *all)
{
	size_t last = all->marks - all->third;

	if (!mark) {
		t->first_blocks = t->blocks;
		t->first_bytes = t->bytes;
	} else {
		t->grew += t->bytes > t->before;
		t->shrank += t->bytes < t->before;
	}
	t->before = t->bytes;
	if (mark < all->third && t->bytes > t->high)
		t->high = t->bytes;
	if (mark == last)
		t->start_of_last = t->low = t->bytes;
	if (mark > last && t->bytes < t->low)
		t->low = t->bytes;
	if (mark < all->third)
		return;
	t->sum_blocks += (double)t->blocks;
	t->sum_bytes += (double)t->bytes;
	t->sum_x_blocks += (double)(mark - all->third) * (double)t->blocks;
	t->sum_x_bytes += (double)(mark - all->third) * (double)t->bytes;
}

static int follow_all(struct tracks *t, const struct steps *s, struct err *err)
{
	struct instant *at = instant_open(t->profile->trace);
	int ret = 0;

	t->marks = s->count;
	t->third = s->count / 3;
	for (size_t i = 0; i < s->count && !ret; i++) {
		ret = instant_seek_event(at, s->events[i], err);
		if (ret)
			break;
		add_up(t, instant_stats(at));
		for (size_t k = 0; k < t->count; k++)
			follow(&t->items[k], i, t);
	}
	instant_close(at);
	return ret;
}

/* Of y = a + b x, with x from 0 to n-1. */
static double slope(double sum, double sum_x, size_t n)
{
	double count = (double)n, mean = (count - 1) / 2;
	double square = count * (count * count - 1) / 12;

	return (sum_x - mean * sum) / square;
}

static enum query_trend_kind kind_of(const struct track *t, double bytes)
{
	if (!t->grew && !t->shrank)
		return QUERY_TREND_LEVEL;
	if (t->low > t->high && t->bytes > t->start_of_last && bytes > 0)
		return QUERY_TREND_GROWS;
	if (t->bytes < t->first_bytes)
		return QUERY_TREND_SHRINKS;
	if (t->shrank || t->bytes == t->first_bytes)
		return QUERY_TREND_VARIES;
	if (t->grew == 1)
		return QUERY_TREND_ONCE;
	return t->bytes == t->start_of_last ? QUERY_TREND_SETTLES
					    : QUERY_TREND_VARIES;
}

static struct query_trend trend_of(const struct query_row *row,
				   const struct track *t,
				   const struct tracks *all, size_t stride)
{
	size_t n = all->marks - all->third;
	struct query_trend trend = {
		.row = *row,
		.blocks = slope(t->sum_blocks, t->sum_x_blocks, n) /
			  (double)stride,
		.bytes =
			slope(t->sum_bytes, t->sum_x_bytes, n) / (double)stride,
		.first_bytes = t->first_bytes,
		.first_blocks = t->first_blocks,
		.last_bytes = t->bytes,
		.last_blocks = t->blocks,
	};

	trend.kind = kind_of(t, trend.bytes);
	return trend;
}

static int compare_figures(double a, double b)
{
	return a > b ? -1 : a < b;
}

static int compare(const void *a, const void *b)
{
	const struct query_trend *x = a, *y = b;
	int order =
		(y->kind == QUERY_TREND_GROWS) - (x->kind == QUERY_TREND_GROWS);

	if (!order)
		order = compare_figures(x->bytes, y->bytes);
	if (!order)
		order = compare_figures((double)x->last_bytes,
					(double)y->last_bytes);
	return order ? order
		     : compare_figures((double)x->row.counts.allocated_bytes,
				       (double)y->row.counts.allocated_bytes);
}

static bool is_of_blocks(const struct where *w)
{
	return where_uses(w, WHERE_TIME) || where_uses(w, WHERE_LIFETIME) ||
	       where_uses(w, WHERE_LIVE) || where_uses(w, WHERE_TEMPORARY);
}

static int fill(struct profile *p, const struct query *q, struct steps *s,
		struct query_trends *out, struct err *err)
{
	struct query all = *q;
	uint32_t *rows = xcalloc(p->site_count + 1, sizeof(*rows));
	struct tracks t = { .profile = p, .rows = rows };
	struct query_trend *items;
	const struct query_result *r;
	int ret = -1;

	all.unsorted = true;
	all.limit = 0;
	r = query_rows(p, &all, rows, err);
	if (!r)
		goto out;
	t.count = r->count;
	t.items = xcalloc(t.count + 1, sizeof(*t.items));
	ret = follow_all(&t, s, err);
	if (ret)
		goto out;
	items = arena_alloc(&p->arena, t.count + 1, sizeof(*items));
	for (size_t i = 0; i < t.count; i++)
		items[i] = trend_of(&r->rows[i], &t.items[i], &t, s->stride);
	if (t.count)
		qsort(items, t.count, sizeof(*items), compare);
	out->items = items;
	out->count = t.count;
	out->mark = s->name;
	out->iterations = s->marks - 1;
out:
	free(t.items);
	free(rows);
	return ret;
}

const struct query_trends *profile_trends(struct profile *p,
					  const struct query *q,
					  const char *mark, struct err *err)
{
	struct query_trends *out = arena_alloc(&p->arena, 1, sizeof(*out));
	struct steps s = { .events = NULL };
	int ret;

	if (q->where && is_of_blocks(q->where)) {
		err_set(err, "growth is of places, threads and sizes: the "
			     "condition may not ask for time, lifetime, live "
			     "or temporary");
		return NULL;
	}
	ret = find_steps(p, mark, &s, err);
	if (!ret)
		ret = fill(p, q, &s, out, err);
	free(s.events);
	return ret ? NULL : out;
}
