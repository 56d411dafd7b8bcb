/*
 * report_text - the report that people read.
 *
 * Totals first, then what the report can not tell and what to do about it,
 * then the table, whose last column holds all text of unknown length. Lines
 * fit the terminal, or 100 columns when there is none, unless the user wants
 * everything in full.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/amount.h"
#include "cli/escape.h"
#include "cli/place.h"
#include "cli/screen.h"

enum {
	EXTRA_COLUMNS =
		96, /* from here on there is room for two figures more */
	WHERE_MIN = 24,
	GAPS_MAX = 5,
	FRAME_INDENT = 8,
	FOLD_MIN = 3, /* frames */
};

static const struct {
	const char *title; /* of its column */
	const char *sentence; /* "Heap by line, ..." */
	bool is_bytes;
} metrics[QUERY_METRICS] = {
	[QUERY_LIVE] = { "live", "most live at the end first", true },
	[QUERY_PEAK] = { "peak", "largest share of the peak first", true },
	[QUERY_LEAKED] = { "leaked", "most leaked first", true },
	[QUERY_ALLOCATED] = { "allocated", "most allocated first", true },
	[QUERY_CALLS] = { "calls", "most calls first", false },
	[QUERY_TEMPORARY] = { "temporary", "most temporary blocks first",
			      false },
	[QUERY_FREED] = { "freed", "most freed first", true },
};

static struct amount metric_text(const struct query_counts *c,
				 enum query_metric m)
{
	uint64_t value = query_metric_of(c, m);

	return metrics[m].is_bytes ? amount_bytes(value) : amount_count(value);
}

/*
 * The head
 */

static void print_command(const struct trace_run *run)
{
	fputs("command     ", stdout);
	for (size_t i = 0; i < run->argc; i++) {
		if (i)
			putchar(' ');
		escape_print(stdout, run->argv[i]);
	}
	putchar('\n');
}

static void print_end(const struct trace_run *run)
{
	printf("time        %s", amount_time(run->duration).text);
	if (run->status == -1)
		fputs(", end not seen", stdout);
	else if (WIFSIGNALED(run->status))
		printf(", killed by signal %d", WTERMSIG(run->status));
	else if (WIFEXITED(run->status) && WEXITSTATUS(run->status))
		printf(", exit status %d", WEXITSTATUS(run->status));
	putchar('\n');
}

static void print_calls(const struct query_totals *t, uint64_t ns)
{
	uint64_t calls = t->allocations + t->reallocations;

	printf("calls       %s allocations, %s reallocations",
	       amount_count(t->allocations).text,
	       amount_count(t->reallocations).text);
	printf(", %s frees", amount_count(t->frees).text);
	if (ns)
		printf(" (%s calls/s)",
		       amount_count(
			       (uint64_t)((double)calls * 1e9 / (double)ns))
			       .text);
	printf("\nallocated   %s", amount_bytes(t->allocated_bytes).text);
	printf("\ntemporary   %s blocks (%s)\n",
	       amount_count(t->temporary).text,
	       amount_share(t->temporary, calls).text);
}

static void print_memory(const struct query_totals *t)
{
	printf("peak        %s", amount_bytes(t->peak_bytes).text);
	printf(" in %s blocks, at %s\n", amount_count(t->peak_blocks).text,
	       amount_time(t->peak_time_ns).text);
	printf("live at end %s", amount_bytes(t->live_bytes).text);
	printf(" in %s blocks\n", amount_count(t->live_blocks).text);
}

static void print_mappings(const struct query_totals *t)
{
	if (!t->allocations)
		return;
	printf("mappings    %s calls", amount_count(t->allocations).text);
	printf(", peak %s", amount_bytes(t->peak_bytes).text);
	printf(", live at end %s (--kind mapping)\n",
	       amount_bytes(t->live_bytes).text);
}

static void print_head(const struct report *r)
{
	const struct trace_run *run = profile_run(r->profile);
	const struct query_totals *heap =
		profile_totals(r->profile, MODEL_HEAP);

	print_command(run);
	print_end(run);
	print_calls(heap, run->duration);
	print_memory(heap);
	print_mappings(profile_totals(r->profile, MODEL_MAPPING));
}

/*
 * Quality
 */

static void print_note(const char *text, const char *fix)
{
	screen_style(SCREEN_WARNING);
	fputs("! ", stdout);
	screen_style(SCREEN_PLAIN);
	escape_print(stdout, text);
	putchar('\n');
	if (!fix)
		return;
	fputs("    try: ", stdout);
	escape_print(stdout, fix);
	putchar('\n');
}

static void print_gap(const struct query_module_gap *g, uint64_t allocated)
{
	char *text = NULL;

	if (asprintf(&text, "%s %s: %s (%s) allocated there %s no line",
		     g->path, g->why, amount_bytes(g->bytes).text,
		     amount_share(g->bytes, allocated).text, "have") < 0)
		return;
	print_note(text, g->fix);
	free(text);
}

static void print_quality(const struct report *r)
{
	const struct query_quality *q = profile_quality(r->profile);
	uint64_t allocated =
		profile_totals(r->profile, MODEL_HEAP)->allocated_bytes;
	bool wants_leaks = r->query.sort == QUERY_LEAKED && q->leaks;

	if (q->note_count || q->gap_count || wants_leaks)
		putchar('\n');
	for (size_t i = 0; i < q->note_count; i++)
		print_note(q->notes[i], NULL);
	for (size_t i = 0; i < q->gap_count && i < GAPS_MAX; i++)
		print_gap(&q->gaps[i], allocated);
	if (q->gap_count > GAPS_MAX)
		printf("! and %zu more modules without lines\n",
		       q->gap_count - GAPS_MAX);
	if (wants_leaks)
		print_note(q->leaks, NULL);
}

/*
 * The table
 */

struct table {
	const struct report *report;
	enum query_metric extra[2];
	size_t extras;
	struct place_style style;
};

static void plan_table(struct table *t)
{
	enum query_metric sort = t->report->query.sort;
	size_t columns = screen_columns();
	size_t used = 10 + 8 + 12 + 2;

	if (t->report->full || columns >= EXTRA_COLUMNS) {
		t->extra[t->extras++] =
			sort == QUERY_PEAK ? QUERY_ALLOCATED : QUERY_PEAK;
		t->extra[t->extras++] =
			sort == QUERY_LIVE ? QUERY_ALLOCATED : QUERY_LIVE;
	}
	used += t->extras * 11;
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
	printf("%10s %7s %11s", metrics[q->sort].title, "%",
	       q->sort == QUERY_CALLS ? "allocated" : "calls");
	for (size_t i = 0; i < t->extras; i++)
		printf(" %10s", metrics[t->extra[i]].title);
	printf("  %s", query_by_name(q->by));
	screen_style(SCREEN_PLAIN);
	putchar('\n');
}

static void print_figures(const struct table *t, const struct query_counts *c)
{
	const struct report *r = t->report;
	enum query_metric sort = r->query.sort;

	printf("%10s", metric_text(c, sort).text);
	printf(" %7s", amount_share(query_metric_of(c, sort),
				    query_metric_of(&r->result->total, sort))
			       .text);
	printf(" %11s", metric_text(c, sort == QUERY_CALLS ? QUERY_ALLOCATED
							   : QUERY_CALLS)
				.text);
	for (size_t i = 0; i < t->extras; i++)
		printf(" %10s", metric_text(c, t->extra[i]).text);
}

static void print_own(char *text)
{
	puts(text);
	free(text);
}

static void print_thread(const struct query_row *row)
{
	if (!row->thread) {
		puts("(unknown)");
		return;
	}
	escape_print(stdout, row->thread->name ? row->thread->name : "?");
	printf("  thread %d", row->thread->tid);
	if (row->process) {
		printf(" of %d ", row->process->pid);
		escape_print(stdout,
			     row->process->name ? row->process->name : "?");
	}
	putchar('\n');
}

static void print_process(const struct query_row *row)
{
	if (!row->process) {
		puts("(unknown)");
		return;
	}
	printf("%d  ", row->process->pid);
	escape_print(stdout, row->process->name ? row->process->name : "?");
	putchar('\n');
}

static void print_size(const struct query_row *row)
{
	if (row->size_shared)
		printf("up to ");
	printf("%" PRIu64 " B", row->size_max);
	if (row->size_max >= 10240)
		printf(" (%s)", amount_bytes(row->size_max).text);
	putchar('\n');
}

static bool is_outermost(const struct query_frame *f)
{
	return !f->inlined && f->function && strcmp(f->function, "main") == 0;
}

/*
 * Frames from here on that can be told as a number: all but the first and the
 * last of a run of library code, when that saves lines.
 */
static size_t foldable(const struct table *t, const struct query_row *row,
		       size_t from)
{
	size_t end = from;

	if (t->report->full || !from || !row->frames[from - 1].wrapper)
		return 0;
	while (end < row->frame_count && row->frames[end].wrapper)
		end++;
	return end - from > FOLD_MIN ? end - from - 1 : 0;
}

static void print_frame(const struct table *t, const struct query_frame *f)
{
	struct place_style style = t->style;
	char *text;

	if (style.columns)
		style.columns = screen_columns() - FRAME_INDENT - 10;
	text = place_line(f, &style);
	printf("%*s%s%s%s\n", FRAME_INDENT, "", text,
	       f->inlined ? " (inlined)" : "", f->guessed ? " (guessed)" : "");
	free(text);
}

/* Callers below; what runs before main is left out unless wanted. */
static void print_stack(const struct table *t, const struct query_row *row)
{
	size_t folded;

	printf("%s block%s at the peak, %s live\n",
	       amount_count(row->counts.peak_blocks).text,
	       row->counts.peak_blocks == 1 ? "" : "s",
	       amount_count(row->counts.live_blocks).text);
	for (size_t i = 0; i < row->frame_count; i++) {
		folded = foldable(t, row, i);
		if (folded)
			printf("%*s... %zu more in libraries\n", FRAME_INDENT,
			       "", folded);
		i += folded;
		print_frame(t, &row->frames[i]);
		if (is_outermost(&row->frames[i]) && !t->report->full)
			break;
	}
}

static void print_row(const struct table *t, const struct query_row *row)
{
	print_figures(t, &row->counts);
	fputs("  ", stdout);
	switch (t->report->query.by) {
	case QUERY_BY_FILE:
		print_own(place_file(&row->place, &t->style));
		break;
	case QUERY_BY_MODULE:
		print_own(place_module(&row->place, &t->style));
		break;
	case QUERY_BY_STACK:
		print_stack(t, row);
		break;
	case QUERY_BY_THREAD:
		print_thread(row);
		break;
	case QUERY_BY_SIZE:
		print_size(row);
		break;
	case QUERY_BY_PROCESS:
		print_process(row);
		break;
	default:
		print_own(place_line(&row->place, &t->style));
	}
}

/* Rows in which nothing of the metric happened say nothing. */
static size_t useful_rows(const struct report *r)
{
	size_t n = r->result->count;

	while (n &&
	       !query_metric_of(&r->result->rows[n - 1].counts, r->query.sort))
		n--;
	return n;
}

static void print_rest(const struct report *r, size_t shown)
{
	uint64_t sum = 0;
	uint64_t total = query_metric_of(&r->result->total, r->query.sort);
	size_t more = r->result->total_rows - shown;

	if (!more)
		return;
	for (size_t i = 0; i < shown; i++)
		sum += query_metric_of(&r->result->rows[i].counts,
				       r->query.sort);
	printf("and %zu more row%s with %s of it%s\n", more,
	       more == 1 ? "" : "s", amount_share(total - sum, total).text,
	       r->result->count < r->result->total_rows
		       ? " (--limit 0 shows all)"
		       : "");
}

static void print_table(const struct report *r)
{
	struct table t = { .report = r };
	size_t rows = useful_rows(r);

	printf("\n%s by %s, %s\n",
	       r->query.kind == MODEL_HEAP ? "Heap" : "Mappings",
	       query_by_name(r->query.by), metrics[r->query.sort].sentence);
	if (!rows) {
		puts("nothing");
		return;
	}
	plan_table(&t);
	print_titles(&t);
	for (size_t i = 0; i < rows; i++)
		print_row(&t, &r->result->rows[i]);
	print_rest(r, rows);
}

void report_text(const struct report *r)
{
	print_head(r);
	print_quality(r);
	print_table(r);
}
