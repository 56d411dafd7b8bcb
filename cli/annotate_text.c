/*
 * annotate_text - source with figures, in the layout that memory_profiler's
 * users know.
 *
 * Lines without figures keep their text, so that a function reads as in an
 * editor; a long run of them is left out unless everything is wanted.
 */
#include "cli/annotate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"
#include "cli/screen.h"
#include "trace/xmalloc.h"

enum {
	TAB = 8,
	CONTEXT = 5, /* lines kept on both sides of a run that is left out */
	RUN_MAX = 4 * CONTEXT, /* lines without figures that are all shown */
};

static const struct {
	const char *title;
	int width;
} columns[ANNOTATE_COLUMNS] = {
	[ANNOTATE_PEAK] = { "Mem usage", 12 },
	[ANNOTATE_NET] = { "Increment", 12 },
	[ANNOTATE_CALLS] = { "Occurrences", 12 },
	[ANNOTATE_ALLOCATED] = { "Allocated", 12 },
	[ANNOTATE_TEMPORARY] = { "Temporary", 11 },
	[ANNOTATE_LIVE] = { "Live", 12 },
	[ANNOTATE_FREED] = { "Freed", 12 },
	[ANNOTATE_BLOCKS] = { "Blocks", 11 },
	[ANNOTATE_USAGE] = { "Mem usage", 12 },
	[ANNOTATE_INCREMENT] = { "Increment", 12 },
};

static const enum annotate_column native_columns[] = {
	ANNOTATE_PEAK,	    ANNOTATE_NET,	ANNOTATE_CALLS,
	ANNOTATE_ALLOCATED, ANNOTATE_TEMPORARY,
};

/* memory_profiler's. */
static const enum annotate_column python_columns[] = {
	ANNOTATE_USAGE,
	ANNOTATE_INCREMENT,
	ANNOTATE_CALLS,
};

/* How one function is shown. */
struct table {
	const struct annotate *annotate;
	const struct query_listing *listing;
	const enum annotate_column *columns;
	size_t column_count;
};

static struct amount figure(const struct query_source_line *l,
			    enum annotate_column column)
{
	const struct query_counts *c = &l->counts;

	switch (column) {
	case ANNOTATE_USAGE:
		return amount_bytes(l->usage);
	case ANNOTATE_INCREMENT:
		return l->increment < 0 ? amount_bytes_change(l->increment)
					: amount_bytes((uint64_t)l->increment);
	case ANNOTATE_PEAK:
		return amount_bytes(c->peak_bytes);
	case ANNOTATE_NET:
		return amount_bytes_change(
			(int64_t)(c->allocated_bytes - c->freed_bytes));
	case ANNOTATE_CALLS:
		return amount_count(c->calls);
	case ANNOTATE_ALLOCATED:
		return amount_bytes(c->allocated_bytes);
	case ANNOTATE_TEMPORARY:
		return amount_count(c->temporary);
	case ANNOTATE_LIVE:
		return amount_bytes(c->live_bytes);
	case ANNOTATE_FREED:
		return amount_bytes(c->freed_bytes);
	default:
		return amount_count(c->live_blocks);
	}
}

static bool is_known(const struct table *t, enum annotate_column column)
{
	return t->listing->has_usage ||
	       (column != ANNOTATE_USAGE && column != ANNOTATE_INCREMENT);
}

/* NULL line: blank columns. */
static void print_figures(const struct table *t,
			  const struct query_source_line *l)
{
	for (size_t i = 0; i < t->column_count; i++) {
		enum annotate_column column = t->columns[i];

		printf(" %*s", columns[column].width,
		       !l		     ? ""
		       : is_known(t, column) ? figure(l, column).text
					     : "-");
	}
}

/* What was there before stands beside the line that begins the function. */
static void print_before(const struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++)
		printf(" %*s", columns[t->columns[i]].width,
		       t->columns[i] == ANNOTATE_USAGE
			       ? amount_bytes(t->listing->before).text
			       : "");
}

/* With tabs as blanks, since the text does not begin at a tab stop. */
static void print_source(const char *text)
{
	char *wide = xmalloc(strlen(text) * TAB + 1), *end = wide;
	size_t column = 0;

	for (; *text; text++) {
		size_t blanks = *text == '\t' ? TAB - column % TAB : 1;

		memset(end, *text == '\t' ? ' ' : *text, blanks);
		end += blanks;
		/* Bytes that continue a character take no column. */
		if ((*text & 0xc0) != 0x80)
			column += blanks;
	}
	while (end > wide && end[-1] == ' ')
		end--;
	*end = '\0';
	escape_print(stdout, wide);
	free(wide);
}

static void print_line(const struct table *t, uint32_t line,
		       const struct query_source_line *l, const char *text)
{
	bool begins = line == t->listing->first && t->listing->has_usage;

	printf("%6" PRIu32, line);
	if (!l && (!text || !*text)) {
		putchar('\n');
		return;
	}
	if (!l && begins)
		print_before(t);
	else
		print_figures(t, l);
	if (text && *text) {
		fputs("   ", stdout);
		print_source(text);
	}
	putchar('\n');
}

static void print_titles(const struct table *t)
{
	size_t width = 6 + 3 + strlen("Line Contents");

	screen_style(SCREEN_TITLE);
	fputs("Line #", stdout);
	for (size_t i = 0; i < t->column_count; i++) {
		printf(" %*s", columns[t->columns[i]].width,
		       columns[t->columns[i]].title);
		width += 1 + (size_t)columns[t->columns[i]].width;
	}
	fputs("   Line Contents", stdout);
	screen_style(SCREEN_PLAIN);
	putchar('\n');
	while (width--)
		putchar('=');
	putchar('\n');
}

static void print_warning(const char *subject, const char *text)
{
	screen_style(SCREEN_WARNING);
	fputs("! ", stdout);
	screen_style(SCREEN_PLAIN);
	escape_print(stdout, subject);
	putchar(' ');
	escape_print(stdout, text);
	putchar('\n');
}

static void print_fix(const char *fix)
{
	fputs("    try: ", stdout);
	escape_print(stdout, fix);
	putchar('\n');
}

static bool has_text(const struct annotate *a, const struct query_listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (profile_source_line(a->profile, l->file, l->lines[i].line))
			return true;
	return false;
}

static void print_head(const struct query_listing *l, bool readable)
{
	const char *where = l->file ? l->file : l->module;

	fputs("Filename: ", stdout);
	escape_print(stdout, where ? where : "(unknown)");
	fputs("\nFunction: ", stdout);
	escape_print(stdout, l->function);
	putchar('\n');
	if (l->note)
		print_warning(where ? where : "this", l->note);
	if (!l->file)
		print_warning("without",
			      "lines only the sum of the function is known");
	else if (!readable)
		print_warning(where, "can not be read: only lines with "
				     "figures are shown, without their text");
	if (l->fix)
		print_fix(l->fix);
	putchar('\n');
}

/* Lines without figures, from `first` up to before `end`. */
static void print_run(const struct table *t, uint32_t first, uint32_t end)
{
	const struct annotate *a = t->annotate;
	uint32_t count = end - first;
	bool fold = count > RUN_MAX && !a->full;

	for (uint32_t line = first; line < end; line++) {
		const char *text;

		if (fold && line == first + CONTEXT) {
			printf("%6s  (%" PRIu32 " lines)\n", "...",
			       count - 2 * CONTEXT);
			line = end - CONTEXT;
		}
		text = profile_source_line(a->profile, t->listing->file, line);
		if (text)
			print_line(t, line, NULL, text);
	}
}

static void print_lines(const struct table *t, bool readable)
{
	const struct query_listing *l = t->listing;
	uint32_t next = l->first;

	for (size_t i = 0; i < l->count; i++) {
		const struct query_source_line *s = &l->lines[i];

		if (readable && next < s->line)
			print_run(t, next, s->line);
		print_line(t, s->line, s,
			   profile_source_line(t->annotate->profile, l->file,
					       s->line));
		next = s->line + 1;
	}
	if (readable && next && next <= l->last)
		print_run(t, next, l->last + 1);
}

/* The most that any line has, and what all lines have added. */
static struct query_source_line sum_up(const struct query_listing *l)
{
	struct query_source_line sum = { .counts = l->total };

	for (size_t i = 0; i < l->count; i++) {
		if (l->lines[i].usage > sum.usage)
			sum.usage = l->lines[i].usage;
		sum.increment += l->lines[i].increment;
	}
	return sum;
}

static struct table make_table(const struct annotate *a,
			       const struct query_listing *l)
{
	struct table t = { .annotate = a,
			   .listing = l,
			   .columns = a->columns,
			   .column_count = a->column_count };

	if (t.column_count)
		return t;
	t.columns = l->has_usage ? python_columns : native_columns;
	t.column_count =
		l->has_usage ? sizeof(python_columns) / sizeof(*python_columns)
			     : sizeof(native_columns) / sizeof(*native_columns);
	return t;
}

static void print_listing(const struct annotate *a,
			  const struct query_listing *l)
{
	bool readable = l->file && has_text(a, l);
	struct table t = make_table(a, l);
	struct query_source_line sum = sum_up(l);

	print_head(l, readable);
	print_titles(&t);
	if (l->file)
		print_lines(&t, readable);
	printf("%6s", "Total");
	print_figures(&t, &sum);
	fputs("\n\n\n", stdout);
}

void annotate_text(const struct annotate *a)
{
	size_t more = a->listings->count - a->shown;

	for (size_t i = 0; i < a->shown; i++)
		print_listing(a, &a->listings->items[i]);
	if (more)
		printf("and %zu more function%s (--limit 0 shows all)\n", more,
		       more == 1 ? "" : "s");
}
