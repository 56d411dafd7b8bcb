/*
 * rows - see rows.h.
 *
 * Rows beyond ROWS_MAX are counted but not shown: nobody scrolls that far, and
 * a page is made anew at each move in time.
 */
#include "tui/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/metric.h"
#include "text/place.h"
#include "text/subject.h"
#include "tui/unfold.h"

enum {
	ROWS_MAX = 2000,
	STACK_MAX = 256, /* frames of one that are shown */
	WIDE = 100, /* columns of a screen that has room for more figures */
	WIDER = 120,
};

void rows_titles(struct page *p, enum query_metric m, bool compares)
{
	bool is_calls = m == QUERY_CALLS;

	if (compares) {
		page_add_column(p, "change", 10, 0);
		page_add_column(p, "before", 10, WIDE);
		page_add_column(p, metric_title(m), 10, 0);
		page_add_column(p, is_calls ? "live" : "calls", 11, WIDER);
		page_add_column(p, "", 6, 0);
		return;
	}
	page_add_column(p, metric_title(m), 10, 0);
	page_add_column(p, "%", 7, 0);
	if (m == QUERY_LEAKED && p->head.has_classes) {
		page_add_column(p, "blocks", 8, WIDE);
		page_add_column(p, "definite", 10, 0);
		page_add_column(p, "indirect", 10, WIDE);
		page_add_column(p, "possible", 10, WIDER);
		return;
	}
	page_add_column(p, is_calls ? "allocated" : "calls", 11, 0);
	page_add_column(p, m == QUERY_PEAK ? "allocated" : "peak", 10, WIDE);
	page_add_column(p, m == QUERY_LIVE ? "allocated" : "live", 10, WIDER);
}

static struct amount change_of(enum query_metric m, int64_t change)
{
	return metric_is_bytes(m) ? amount_bytes_change(change)
				  : amount_count_change(change);
}

static struct amount word(enum query_change change)
{
	struct amount a;

	snprintf(a.text, sizeof(a.text), "%s", query_change_name(change));
	return a;
}

static enum query_change judge(uint64_t before, uint64_t now)
{
	if (before == now)
		return QUERY_SAME;
	if (!before)
		return QUERY_NEW;
	if (!now)
		return QUERY_GONE;
	return now > before ? QUERY_GREW : QUERY_SHRANK;
}

static void put_change(struct page_row *row, const struct rows_figures *f)
{
	enum query_metric second =
		f->metric == QUERY_CALLS ? QUERY_LIVE : QUERY_CALLS;
	uint64_t now = query_metric_of(f->now, f->metric);
	uint64_t before = query_metric_of(f->before, f->metric);
	int64_t change = (int64_t)(now - before);
	int64_t calls = (int64_t)(query_metric_of(f->now, second) -
				  query_metric_of(f->before, second));

	row->figures[0] = change_of(f->metric, change);
	row->figures[1] = metric_amount(f->metric, before);
	row->figures[2] = metric_amount(f->metric, now);
	row->figures[3] = change_of(second, calls);
	row->figures[4] = word(judge(before, now));
	row->figure_style = change > 0	 ? CELLS_MORE
			    : change < 0 ? CELLS_LESS
					 : CELLS_PLAIN;
	row->value = change < 0 ? -(uint64_t)change : (uint64_t)change;
	row->calls = calls < 0 ? -(uint64_t)calls : (uint64_t)calls;
}

static void put_classes(struct page_row *row, const struct rows_figures *f)
{
	const uint64_t *bytes = f->now->classes.bytes;

	row->figures[2] = amount_count(f->now->leaked_blocks);
	row->figures[3] = amount_bytes(bytes[MODEL_LEAK_DEFINITE]);
	row->figures[4] = amount_bytes(bytes[MODEL_LEAK_INDIRECT]);
	row->figures[5] = amount_bytes(bytes[MODEL_LEAK_POSSIBLE]);
}

static void put_counts(struct page_row *row, const struct rows_figures *f)
{
	enum query_metric m = f->metric;
	enum query_metric second =
		m == QUERY_CALLS ? QUERY_ALLOCATED : QUERY_CALLS;
	enum query_metric third =
		m == QUERY_PEAK ? QUERY_ALLOCATED : QUERY_PEAK;
	enum query_metric fourth =
		m == QUERY_LIVE ? QUERY_ALLOCATED : QUERY_LIVE;

	row->value = query_metric_of(f->now, m);
	row->calls = f->now->calls;
	row->figures[0] = metric_amount(m, row->value);
	row->figures[1] = amount_share(row->value, f->whole);
	if (m == QUERY_LEAKED && f->has_classes) {
		put_classes(row, f);
		return;
	}
	row->figures[2] =
		metric_amount(second, query_metric_of(f->now, second));
	row->figures[3] = metric_amount(third, query_metric_of(f->now, third));
	row->figures[4] =
		metric_amount(fourth, query_metric_of(f->now, fourth));
}

void rows_figures(struct page_row *row, const struct rows_figures *f)
{
	static const struct query_counts nothing;
	struct rows_figures all = *f;

	all.now = f->now ? f->now : &nothing;
	all.before = f->before ? f->before : &nothing;
	if (f->compares)
		put_change(row, &all);
	else
		put_counts(row, &all);
}

/*
 * Subjects
 */

static void name_stack(struct page *p, struct page_row *row,
		       struct profile *profile, const struct query_row *r)
{
	size_t count, i = 0;
	const struct query_frame *f = profile_frames(profile, r, &count);

	while (i + 1 < count && f[i].wrapper)
		i++;
	row->subject = PAGE_LINE;
	if (count)
		row->frame = page_frame(p, &f[i]);
	for (i = 0; i < count && i < STACK_MAX; i++) {
		const struct place_style full = { .full = true };
		char *text = place_line(&f[i], &full);

		row->key = page_hash(row->key, text);
		free(text);
	}
	row->stack = rows_stack(p, profile, r);
	row->fold = PAGE_FOLDED;
}

static void name_row(struct page *p, struct page_row *row, enum query_by by,
		     const struct query_row *r)
{
	const struct place_style full = { .full = true };
	char *text = subject_text(by, r, &full);

	row->key = page_hash(0, text);
	row->frame = page_frame(p, &r->place);
	switch (by) {
	case QUERY_BY_LINE:
	case QUERY_BY_FUNCTION:
		row->subject = PAGE_LINE;
		break;
	case QUERY_BY_FILE:
		row->subject = r->place.file ? PAGE_FILE : PAGE_LINE;
		break;
	case QUERY_BY_MODULE:
		row->subject = PAGE_MODULE;
		break;
	default:
		row->text = page_own(p, text);
		return;
	}
	free(text);
	unfold_offer(p, row, by);
}

/* "tid = 5", for `f`. */
static void make_filter(struct page *p, struct page_row *row,
			const struct query_row *r)
{
	if (r->thread)
		row->where = page_format(p, "tid = %d", r->thread->tid);
	else if (r->process)
		row->where = page_format(p, "pid = %d", r->process->pid);
	else if (r->size_max && !r->size_shared)
		row->where = page_format(p, "size = %llu",
					 (unsigned long long)r->size_max);
	else if (r->size_max)
		row->where = page_format(p, "size >= %llu and size <= %llu",
					 (unsigned long long)r->size_min,
					 (unsigned long long)r->size_max);
}

const char *rows_stack(struct page *p, struct profile *profile,
		       const struct query_row *row)
{
	size_t count, size;
	const struct query_frame *f = profile_frames(profile, row, &count);
	const struct place_style style = { .cwd = p->head.cwd };
	char *text = NULL, *line;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count && i < STACK_MAX; i++) {
		line = place_line(&f[i], &style);
		fprintf(out, "%s%s\n", line, f[i].inlined ? " (inlined)" : "");
		free(line);
		if (subject_is_outermost(&f[i]))
			break;
	}
	fclose(out);
	return page_own(p, text);
}

static void add(struct page *p, struct profile *profile, enum query_by by,
		const struct query_row *r, const struct rows_figures *f)
{
	struct page_row row = { .style = CELLS_PLAIN };

	rows_figures(&row, f);
	if (by == QUERY_BY_STACK)
		name_stack(p, &row, profile, r);
	else
		name_row(p, &row, by, r);
	make_filter(p, &row, r);
	*page_add(p) = row;
}

/* Rows in which nothing of the metric happened say nothing. */
static int fill_plain(struct asker *a, struct page *p, const struct query *q,
		      struct err *err)
{
	const struct query_result *r = profile_query(a->now, q, err);
	struct rows_figures f = { .metric = q->sort,
				  .has_classes = p->head.has_classes };

	if (!r)
		return -1;
	f.whole = p->whole = query_metric_of(&r->total, q->sort);
	for (size_t i = 0; i < r->count; i++) {
		f.now = &r->rows[i].counts;
		if (query_metric_of(f.now, q->sort))
			add(p, a->now, q->by, &r->rows[i], &f);
	}
	p->summary = page_format(p, "%zu of %zu rows  %s", p->count,
				 r->total_rows, metric_sentence(q->sort));
	return 0;
}

static void summarize(struct page *p, const struct query_diff *d,
		      enum query_metric m)
{
	struct amount before = metric_amount(m, query_metric_of(&d->before, m));
	struct amount after = metric_amount(m, query_metric_of(&d->after, m));

	p->summary = page_format(
		p, "%s: %s -> %s  %zu new, %zu gone, %zu grew, %zu shrank",
		metric_title(m), before.text, after.text, d->changes[QUERY_NEW],
		d->changes[QUERY_GONE], d->changes[QUERY_GREW],
		d->changes[QUERY_SHRANK]);
}

static int fill_changes(struct asker *a, struct page *p, const struct query *q,
			struct err *err)
{
	const struct query_diff *d =
		profile_diff(a->base, a->now, q, false, err);
	struct rows_figures f = { .metric = q->sort, .compares = true };

	if (!d)
		return -1;
	for (size_t i = 0; i < d->count; i++) {
		const struct query_diff_row *r = &d->rows[i];

		f.now = r->after ? &r->after->counts : NULL;
		f.before = r->before ? &r->before->counts : NULL;
		add(p, r->after ? a->now : a->base, q->by,
		    r->after ? r->after : r->before, &f);
	}
	summarize(p, d, q->sort);
	return 0;
}

int rows_fill(struct asker *a, struct page *p, const struct query *q,
	      struct err *err)
{
	struct query limited = *q;
	bool compares = asker_compares(a, &p->ask);

	limited.limit = ROWS_MAX;
	rows_titles(p, q->sort, compares);
	p->title = query_by_name(q->by);
	if ((compares ? fill_changes : fill_plain)(a, p, &limited, err) < 0)
		return -1;
	page_sort(p);
	if (!p->count)
		page_add(p)->text = compares ? "nothing changed"
				    : q->sort == QUERY_LEAKED
					    ? "nothing is lost"
					    : "nothing of this metric";
	unfold_rows(a, p, q);
	return 0;
}
