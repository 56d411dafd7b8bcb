/*
 * report_table - the rows of a text report; see report_table.h.
 *
 * All text of unknown length stands in the last column. Lines fit the
 * terminal, or 100 columns when there is none, unless the user wants
 * everything in full.
 */
#include "cli/report_table.h"

#include <inttypes.h>
#include <stdio.h>

#include "text/amount.h"
#include "text/metric.h"
#include "cli/screen.h"
#include "cli/subject_text.h"

enum {
	EXTRA_COLUMNS = 96, /* from here on there is room for one figure more */
	WHERE_MIN = 24,
	LIFETIME_COLUMNS = 9,
	GROWTH_COLUMNS = 3 * 11,
};

struct table {
	const struct report *report;
	const struct query_result *result;
	enum query_metric extra[2];
	size_t extras;
	struct place_style style;
};

static struct amount metric_text(const struct query_counts *c,
				 enum query_metric m)
{
	return metric_amount(m, query_metric_of(c, m));
}

/* Is the metric estimated from a sample? */
static bool has_errors(const struct table *t)
{
	return profile_run(t->report->profile)->sample &&
	       metric_is_bytes(t->report->query.sort);
}

static void plan_table(struct table *t)
{
	const struct query *q = &t->report->query;
	enum query_metric sort = q->sort;
	size_t columns = screen_columns();
	size_t used = 10 + 8 + 12 + 2;

	if (q->lifetimes)
		used += 3 * LIFETIME_COLUMNS;
	if (q->growth)
		used += GROWTH_COLUMNS;
	/* What was asked for comes before what may interest. */
	if (q->lifetimes || q->growth)
		columns = columns > used ? columns : used;
	else if (t->report->full || columns >= EXTRA_COLUMNS)
		t->extra[t->extras++] =
			sort == QUERY_PEAK ? QUERY_ALLOCATED : QUERY_PEAK;
	if (!q->lifetimes && !q->growth)
		t->extra[t->extras++] =
			sort == QUERY_LIVE ? QUERY_ALLOCATED : QUERY_LIVE;
	used += t->extras * 11;
	if (has_errors(t))
		used += 10;
	t->style.full = t->report->full;
	t->style.cwd = profile_run(t->report->profile)->cwd;
	if (!t->report->full)
		t->style.columns =
			columns > used + WHERE_MIN ? columns - used : WHERE_MIN;
}

static void print_titles(const struct table *t)
{
	const struct query *q = &t->report->query;

	screen_style(SCREEN_TITLE);
	printf("%10s", metric_title(q->sort));
	if (has_errors(t))
		printf(" %9s", "+-");
	printf(" %7s %11s", "%",
	       q->sort == QUERY_CALLS ? "allocated" : "calls");
	for (size_t i = 0; i < t->extras; i++)
		printf(" %10s", metric_title(t->extra[i]));
	if (q->lifetimes)
		printf(" %8s %8s %8s", "shortest", "median", "longest");
	if (q->growth)
		printf(" %10s %10s %10s", "moved", "copied", "a block");
	printf("  %s", query_by_name(q->by));
	screen_style(SCREEN_PLAIN);
	putchar('\n');
}

static void print_lifetimes(const struct query_lifetimes *l)
{
	const uint64_t figures[] = { l->min, l->median, l->max };

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		printf(" %8s", l->blocks ? amount_time(figures[i]).text : "-");
}

/* "2.5, 12": calls for a block, on average and at most. */
static void print_growth(const struct query_growth *g)
{
	char chain[32] = "-";

	if (g->chains)
		snprintf(chain, sizeof(chain), "%.1f, %" PRIu64,
			 (double)g->steps / (double)g->chains, g->steps_max);
	printf(" %10s", amount_count(g->moved).text);
	printf(" %10s %10s", amount_bytes(g->copied_bytes).text, chain);
}

static void print_figures(const struct table *t, const struct query_counts *c)
{
	const struct report *r = t->report;
	enum query_metric sort = r->query.sort;

	printf("%10s", metric_text(c, sort).text);
	if (has_errors(t))
		printf(" %9s", amount_bytes(query_error_of(c, sort)).text);
	printf(" %7s", amount_share(query_metric_of(c, sort),
				    query_metric_of(&t->result->total, sort))
			       .text);
	printf(" %11s", metric_text(c, sort == QUERY_CALLS ? QUERY_ALLOCATED
							   : QUERY_CALLS)
				.text);
	for (size_t i = 0; i < t->extras; i++)
		printf(" %10s", metric_text(c, t->extra[i]).text);
}

static void print_stack(const struct table *t, const struct query_row *row)
{
	const struct query_counts *c = &row->counts;

	printf("%s block%s at the peak, %s live\n",
	       amount_count(c->peak_blocks).text,
	       c->peak_blocks == 1 ? "" : "s",
	       amount_count(c->live_blocks).text);
	subject_print_stack(t->report->profile, row, &t->style);
}

static void print_row(const struct table *t, const struct query_row *row)
{
	print_figures(t, &row->counts);
	if (t->report->query.lifetimes)
		print_lifetimes(&row->lifetimes);
	if (t->report->query.growth)
		print_growth(&row->growth);
	fputs("  ", stdout);
	if (t->report->query.by == QUERY_BY_STACK)
		print_stack(t, row);
	else
		subject_print(t->report->query.by, row, &t->style);
}

/* Rows in which nothing of the metric happened say nothing. */
static size_t useful_rows(const struct table *t)
{
	enum query_metric sort = t->report->query.sort;
	size_t n = t->result->count;

	while (n && !query_metric_of(&t->result->rows[n - 1].counts, sort))
		n--;
	return n;
}

static void print_rest(const struct table *t, size_t shown)
{
	enum query_metric sort = t->report->query.sort;
	uint64_t total = query_metric_of(&t->result->total, sort);
	size_t more = t->result->total_rows - shown;
	uint64_t rest = total;

	if (!more)
		return;
	for (size_t i = 0; i < shown; i++)
		rest -= query_metric_of(&t->result->rows[i].counts, sort);
	if (!rest) {
		printf("and %zu more row%s with none of it\n", more,
		       more == 1 ? "" : "s");
		return;
	}
	printf("and %zu more row%s with %s of it (--limit 0 shows all)\n", more,
	       more == 1 ? "" : "s", amount_share(rest, total).text);
}

void report_table(const struct report *r, const struct query_result *result,
		  enum model_kind kind)
{
	struct table t = { .report = r, .result = result };
	size_t rows = useful_rows(&t);

	printf("\n%s by %s, %s\n", kind == MODEL_HEAP ? "Heap" : "Mappings",
	       query_by_name(r->query.by), metric_sentence(r->query.sort));
	if (!rows && result->total_rows) {
		printf("%zu row%s with none of it (--sort calls shows %s)\n",
		       result->total_rows, result->total_rows == 1 ? "" : "s",
		       result->total_rows == 1 ? "it" : "them");
		return;
	}
	if (!rows) {
		puts("nothing");
		return;
	}
	plan_table(&t);
	print_titles(&t);
	for (size_t i = 0; i < rows; i++)
		print_row(&t, &result->rows[i]);
	print_rest(&t, rows);
}
