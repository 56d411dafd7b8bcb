/*
 * histogram - see histogram.h.
 *
 * A bar holds the blocks of up to some power of two bytes, but larger than the
 * one before. Sizes that share a site are classes that end at such powers too,
 * so no bar is a guess.
 */
#include "cli/histogram.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "text/amount.h"
#include "text/metric.h"
#include "cli/screen.h"

enum {
	BINS = 65, /* for 0, and for up to each power of two */
	FIGURE_COLUMNS = 10 + 11 + 8 + 12 + 2,
	BAR_MAX = 60,
	EIGHTHS = 8,
};

struct bins {
	struct query_counts counts[BINS];
	uint64_t whole, largest; /* of the metric */
	size_t first, end; /* that are not empty */
};

/* 0 for 0 and 1, and n for more than half of 2 to the n. */
static size_t bin_of(uint64_t size)
{
	return size < 2 ? 0 : 64 - (size_t)__builtin_clzll(size - 1);
}

static void fill(struct bins *b, const struct query_result *r,
		 enum query_metric metric)
{
	b->first = BINS;
	for (size_t i = 0; i < r->count; i++)
		query_counts_add(&b->counts[bin_of(r->rows[i].size_max)],
				 &r->rows[i].counts);
	for (size_t i = 0; i < BINS; i++) {
		uint64_t value = query_metric_of(&b->counts[i], metric);

		if (value > b->largest)
			b->largest = value;
		b->whole += value;
		if (!b->counts[i].calls)
			continue;
		b->first = b->first < i ? b->first : i;
		b->end = i + 1;
	}
}

static void print_bar(double share, size_t columns)
{
	/* Eighths of a column, from one to seven. */
	static const char *const parts[] = { "",       "\u258f", "\u258e",
					     "\u258d", "\u258c", "\u258b",
					     "\u258a", "\u2589" };
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	size_t steps = is_utf8 ? EIGHTHS : 1;
	size_t length = (size_t)(share * (double)(columns * steps) + 0.5);

	if (length)
		fputs("  ", stdout);
	for (size_t i = 0; i < length / steps; i++)
		fputs(is_utf8 ? "\u2588" : "#", stdout);
	fputs(parts[length % steps], stdout);
}

static void print_bin(const struct bins *b, size_t bin, enum query_metric m)
{
	const struct query_counts *c = &b->counts[bin];
	uint64_t value = query_metric_of(c, m);
	size_t columns = screen_columns() - FIGURE_COLUMNS;

	printf("%10s", amount_bytes(bin < 64 ? 1ULL << bin : UINT64_MAX).text);
	printf(" %10s %7s", metric_amount(m, value).text,
	       amount_share(value, b->whole).text);
	if (m == QUERY_CALLS)
		printf(" %11s", amount_bytes(c->allocated_bytes).text);
	else
		printf(" %11s", amount_count(c->calls).text);
	if (value)
		print_bar((double)value / (double)b->largest,
			  columns < BAR_MAX ? columns : BAR_MAX);
	putchar('\n');
}

void histogram_print(const struct report *r)
{
	enum query_metric m = r->query.sort;
	struct query query = r->query;
	const struct query_result *sizes;
	struct bins b = { 0 };
	struct err err;

	query.by = QUERY_BY_SIZE;
	query.limit = 0;
	sizes = profile_query(r->profile, &query, &err);
	/* It was asked before, with other words: events can be read. */
	if (!sizes)
		return;
	fill(&b, sizes, m);
	if (b.first >= b.end)
		return;
	printf("\n%s by size, powers of two\n",
	       r->query.kind == MODEL_HEAP ? "Heap" : "Mappings");
	screen_style(SCREEN_TITLE);
	printf("%10s %10s %7s %11s", "up to", metric_title(m), "%",
	       m == QUERY_CALLS ? "allocated" : "calls");
	screen_style(SCREEN_PLAIN);
	putchar('\n');
	for (size_t i = b.first; i < b.end; i++)
		print_bin(&b, i, m);
}
