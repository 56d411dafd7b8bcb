/*
 * tracemalloc - see tracemalloc.h.
 *
 * Sizes have tracemalloc's own rule: bytes up to 10 KiB, and below 100 of a
 * unit one decimal. A traceback is printed as its format() has it, the most
 * recent call last.
 */
#include "cli/tracemalloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "text/escape.h"

bool tracemalloc_groups_by(enum query_by by)
{
	return by == QUERY_BY_LINE || by == QUERY_BY_FILE ||
	       by == QUERY_BY_STACK;
}

static void print_size(double size, bool has_sign)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	for (; i < 4 && fabs(size) >= (i ? 100 : 10 * 1024); i++) {
		if (i && fabs(size) < 10 * 1024)
			break;
		size /= 1024;
	}
	printf(has_sign ? "%+.*f %s" : "%.*f %s", i && fabs(size) < 100, size,
	       units[i]);
}

static void print_place(const struct query_frame *f)
{
	escape_print(stdout, f->file	   ? f->file
			     : f->function ? f->function
			     : f->module   ? f->module
					   : "??");
	printf(":%" PRIu32 ": ", f->line);
}

static void print_frame(struct profile *p, const struct query_frame *f)
{
	const char *text = profile_source_line(p, f->file, f->line);

	fputs("  File \"", stdout);
	escape_print(stdout, f->file	   ? f->file
			     : f->module   ? f->module
			     : f->function ? f->function
					   : "??");
	printf("\", line %" PRIu32 "\n", f->line);
	if (text)
		text += strspn(text, " \t\f");
	if (!text || !*text)
		return;
	fputs("    ", stdout);
	escape_print(stdout, text);
	putchar('\n');
}

static void print_traceback(struct profile *p, const struct query_row *row)
{
	size_t count;
	const struct query_frame *f = profile_frames(p, row, &count);

	while (count--)
		print_frame(p, &f[count]);
}

static void print_figures(const struct tracemalloc *t)
{
	fputs("size=", stdout);
	print_size((double)t->size, false);
	if (t->compares) {
		fputs(" (", stdout);
		print_size((double)t->size_change, true);
		putchar(')');
	}
	printf(", count=%" PRIu64, t->count);
	if (t->compares)
		printf(" (%+" PRId64 ")", t->count_change);
	if (t->count) {
		fputs(", average=", stdout);
		print_size((double)t->size / (double)t->count, false);
	}
	putchar('\n');
}

void tracemalloc_print(const struct tracemalloc *t, struct profile *p,
		       const struct query_row *row)
{
	if (t->by != QUERY_BY_STACK) {
		print_place(&row->place);
		print_figures(t);
		return;
	}
	if (t->compares)
		print_figures(t);
	else
		printf("%" PRIu64 " memory blocks: %.1f KiB\n", t->count,
		       (double)t->size / 1024);
	print_traceback(p, row);
}

void report_tracemalloc(const struct report *r)
{
	enum query_metric m = r->query.sort;

	/* Counts have no bytes: those of all allocations are shown. */
	if (m == QUERY_CALLS || m == QUERY_TEMPORARY)
		m = QUERY_ALLOCATED;
	for (size_t i = 0; i < r->result->count; i++) {
		const struct query_row *row = &r->result->rows[i];
		const struct tracemalloc t = {
			.by = r->query.by,
			.size = query_metric_of(&row->counts, m),
			.count = query_blocks_of(&row->counts, m),
		};

		/* It forgets what is freed, and the line with the last block. */
		if (t.count)
			tracemalloc_print(&t, r->profile, row);
	}
}
