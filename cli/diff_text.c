/*
 * diff_text - the difference that people read: totals, then the rows, the
 * largest change first; and the lines that tracemalloc's users know.
 */
#include "cli/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"
#include "cli/screen.h"
#include "cli/subject_text.h"
#include "cli/tracemalloc.h"

enum {
	FIGURES = 10 + 11 + 11 + 12 + 8 + 2, /* columns before the place */
	WHERE_MIN = 24,
};

static bool is_bytes(enum query_metric m)
{
	return m != QUERY_CALLS && m != QUERY_TEMPORARY;
}

static struct amount amount_of(uint64_t value, enum query_metric m)
{
	return is_bytes(m) ? amount_bytes(value) : amount_count(value);
}

static struct amount change_of(int64_t change, enum query_metric m)
{
	return is_bytes(m) ? amount_bytes_change(change)
			   : amount_count_change(change);
}

/*
 * The head
 */

static void print_run(const char *title, const struct diff *d, int side)
{
	const struct trace_run *run = profile_run(d->profile[side]);

	printf("%-10s  ", title);
	escape_print(stdout, d->spec[side]);
	fputs("  ", stdout);
	for (size_t i = 0; i < run->argc; i++) {
		putchar(' ');
		escape_print(stdout, run->argv[i]);
	}
	printf("  (%s)\n", amount_time(run->duration).text);
}

static void print_totals(const struct diff *d)
{
	static const enum query_metric shown[] = {
		QUERY_LIVE,  QUERY_PEAK,      QUERY_ALLOCATED,
		QUERY_CALLS, QUERY_TEMPORARY,
	};
	const struct query_diff *r = d->result;

	screen_style(SCREEN_TITLE);
	printf("\n%-10s %12s %12s %12s", "", "before", "after", "change");
	screen_style(SCREEN_PLAIN);
	putchar('\n');
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		enum query_metric m = shown[i];
		uint64_t a = query_metric_of(&r->before, m);
		uint64_t b = query_metric_of(&r->after, m);

		printf("%-10s %12s", query_metric_name(m),
		       amount_of(a, m).text);
		printf(" %12s", amount_of(b, m).text);
		printf(" %12s\n", change_of((int64_t)(b - a), m).text);
	}
}

/*
 * The rows
 */

static struct place_style make_style(const struct diff *d, int side)
{
	size_t columns = screen_columns();

	return (struct place_style){
		.full = d->full,
		.cwd = profile_run(d->profile[side])->cwd,
		.columns = d->full			   ? 0
			   : columns > FIGURES + WHERE_MIN ? columns - FIGURES
							   : WHERE_MIN,
	};
}

static void print_row(const struct diff *d, const struct query_diff_row *row)
{
	enum query_metric m = d->query.sort;
	uint64_t blocks = diff_blocks(row->after, m);
	struct place_style style = make_style(d, row->after ? 1 : 0);

	blocks -= diff_blocks(row->before, m);
	printf("%10s", change_of(query_diff_of(row, m), m).text);
	printf(" %10s", amount_of(diff_value(row->before, m), m).text);
	printf(" %10s", amount_of(diff_value(row->after, m), m).text);
	printf(" %11s", amount_count_change((int64_t)blocks).text);
	printf("  %-6s  ", query_change_name(row->change));
	if (d->query.by != QUERY_BY_STACK) {
		subject_print(d->query.by, diff_subject(row), &style);
		return;
	}
	puts("stack");
	subject_print_stack(diff_owner(d, row), diff_subject(row), &style);
}

static void print_titles(const struct diff *d)
{
	enum query_metric m = d->query.sort;
	bool counts_calls = m == QUERY_ALLOCATED || !is_bytes(m);

	screen_style(SCREEN_TITLE);
	printf("%10s %10s %10s %11s  %-6s  %s", "change", "before", "after",
	       counts_calls ? "calls" : "blocks", "",
	       query_by_name(d->query.by));
	screen_style(SCREEN_PLAIN);
	putchar('\n');
}

/* "1 new, 2 grew; 40 did not change" */
static void print_classes(const struct diff *d)
{
	const struct query_diff *r = d->result;
	const char *separator = "";

	for (int i = QUERY_NEW; i < QUERY_CHANGES; i++) {
		if (!r->changes[i])
			continue;
		printf("%s%zu %s", separator, r->changes[i],
		       query_change_name((enum query_change)i));
		separator = ", ";
	}
	if (r->changes[QUERY_SAME])
		printf("%s%zu did not change", *separator ? "; " : "",
		       r->changes[QUERY_SAME]);
	if (r->count < r->total_rows)
		printf(" (%zu shown, --limit 0 shows all)", r->count);
	putchar('\n');
}

void diff_text(const struct diff *d)
{
	const struct query_diff *r = d->result;

	print_run("before", d, 0);
	print_run("after", d, 1);
	print_totals(d);
	printf("\n%s by %s, largest change of %s first\n",
	       d->query.kind == MODEL_HEAP ? "Heap" : "Mappings",
	       query_by_name(d->query.by), query_metric_name(d->query.sort));
	if (!r->count) {
		puts("nothing changed");
		return;
	}
	print_titles(d);
	for (size_t i = 0; i < r->count; i++)
		print_row(d, &r->rows[i]);
	print_classes(d);
}

void diff_tracemalloc(const struct diff *d)
{
	enum query_metric m =
		is_bytes(d->query.sort) ? d->query.sort : QUERY_ALLOCATED;

	for (size_t i = 0; i < d->result->count; i++) {
		const struct query_diff_row *row = &d->result->rows[i];
		const struct query_row *subject = diff_subject(row);
		uint64_t count = diff_blocks(row->after, m);
		const struct tracemalloc t = {
			.by = d->query.by,
			.compares = true,
			.size = diff_value(row->after, m),
			.size_change = query_diff_of(row, m),
			.count = count,
			.count_change =
				(int64_t)(count - diff_blocks(row->before, m)),
		};

		tracemalloc_print(&t, diff_owner(d, row), subject);
	}
}
