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
};

static struct amount figure(const struct query_counts *c,
			    enum annotate_column column)
{
	switch (column) {
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

/* NULL counts: blank columns. */
static void print_figures(const struct annotate *a,
			  const struct query_counts *c)
{
	for (size_t i = 0; i < a->column_count; i++) {
		enum annotate_column column = a->columns[i];

		printf(" %*s", columns[column].width,
		       c ? figure(c, column).text : "");
	}
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

static void print_line(const struct annotate *a, uint32_t line,
		       const struct query_counts *c, const char *text)
{
	if (line)
		printf("%6" PRIu32, line);
	else
		printf("%6s", "");
	if (!c && (!text || !*text)) {
		putchar('\n');
		return;
	}
	print_figures(a, c);
	if (text && *text) {
		fputs("   ", stdout);
		print_source(text);
	}
	putchar('\n');
}

static void print_titles(const struct annotate *a)
{
	size_t width = 6 + 3 + strlen("Line Contents");

	screen_style(SCREEN_TITLE);
	fputs("Line #", stdout);
	for (size_t i = 0; i < a->column_count; i++) {
		printf(" %*s", columns[a->columns[i]].width,
		       columns[a->columns[i]].title);
		width += 1 + (size_t)columns[a->columns[i]].width;
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
static void print_run(const struct annotate *a, const struct query_listing *l,
		      uint32_t first, uint32_t end)
{
	uint32_t count = end - first;
	bool fold = count > RUN_MAX && !a->full;

	for (uint32_t line = first; line < end; line++) {
		const char *text;

		if (fold && line == first + CONTEXT) {
			printf("%6s  (%" PRIu32 " lines)\n", "...",
			       count - 2 * CONTEXT);
			line = end - CONTEXT;
		}
		text = profile_source_line(a->profile, l->file, line);
		if (text)
			print_line(a, line, NULL, text);
	}
}

static void print_lines(const struct annotate *a, const struct query_listing *l,
			bool readable)
{
	uint32_t next = l->first;

	for (size_t i = 0; i < l->count; i++) {
		const struct query_source_line *s = &l->lines[i];

		if (readable && next < s->line)
			print_run(a, l, next, s->line);
		print_line(a, s->line, &s->counts,
			   profile_source_line(a->profile, l->file, s->line));
		next = s->line + 1;
	}
	if (readable && next && next <= l->last)
		print_run(a, l, next, l->last + 1);
}

static void print_listing(const struct annotate *a,
			  const struct query_listing *l)
{
	bool readable = l->file && has_text(a, l);

	print_head(l, readable);
	print_titles(a);
	if (l->file)
		print_lines(a, l, readable);
	printf("%6s", "Total");
	print_figures(a, &l->total);
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
