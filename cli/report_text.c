/*
 * report_text - the report that people read.
 *
 * Totals first, in the terms of heaptrack's footer, then what the report can
 * not tell and what to do about it, then the tables.
 */
#include "cli/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "text/amount.h"
#include "cli/balance.h"
#include "cli/gc.h"
#include "text/escape.h"
#include "cli/histogram.h"
#include "cli/report_table.h"
#include "cli/report_types.h"
#include "cli/screen.h"

enum {
	GAPS_MAX = 5,
	GAP_SHARE = 200, /* smaller parts of what was allocated are not told */
};

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

static bool is_end(const struct report *r)
{
	return !strcmp(profile_instant(r->profile), "end");
}

static void print_instant(const struct report *r)
{
	if (is_end(r))
		return;
	fputs("instant     @", stdout);
	escape_print(stdout, profile_instant(r->profile));
	printf(", at %s\n", amount_time(profile_time(r->profile)).text);
}

/* How long it was possible to allocate what is told about. */
static uint64_t print_range(const struct report *r)
{
	uint64_t from, to;

	if (!profile_range(r->profile, &from, &to))
		return profile_time(r->profile);
	printf("range       what was allocated from %s",
	       amount_time(from).text);
	printf(" to %s\n", amount_time(to).text);
	return to - from;
}

static void print_calls(const struct query_totals *t, uint64_t ns, bool sampled)
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
	if (!sampled)
		printf("\ntemporary   %s blocks (%s)",
		       amount_count(t->temporary).text,
		       amount_share(t->temporary, calls).text);
	putchar('\n');
}

static void print_memory(const struct query_totals *t, bool is_end)
{
	printf("peak        %s", amount_bytes(t->peak_bytes).text);
	printf(" in %s blocks, at %s\n", amount_count(t->peak_blocks).text,
	       amount_time(t->peak_time_ns).text);
	printf("%s %s", is_end ? "live at end" : "live then  ",
	       amount_bytes(t->live_bytes).text);
	printf(" in %s blocks\n", amount_count(t->live_blocks).text);
}

static void print_mappings(const struct query_totals *t, bool is_end)
{
	if (!t->allocations)
		return;
	printf("mappings    %s calls", amount_count(t->allocations).text);
	printf(", peak %s", amount_bytes(t->peak_bytes).text);
	printf(", live %s %s (--kind mapping)\n", is_end ? "at end" : "then",
	       amount_bytes(t->live_bytes).text);
}

static void print_processes(const struct report *r)
{
	size_t count;

	profile_processes(r->profile, &count);
	if (count > 1)
		printf("processes   %zu (--by process)\n", count);
}

/* What the condition leaves of the above. */
static void print_filter(const struct report *r)
{
	const struct query_counts *c = &r->result->total;

	if (!r->query.where)
		return;
	fputs("\nfiltered    ", stdout);
	escape_print(stdout, where_text(r->query.where));
	printf("\n            %s calls", amount_count(c->calls).text);
	printf(", allocated %s", amount_bytes(c->allocated_bytes).text);
	printf(", %s of the peak", amount_bytes(c->peak_bytes).text);
	printf(", live %s", amount_bytes(c->live_bytes).text);
	printf(" in %s blocks\n", amount_count(c->live_blocks).text);
}

static void print_head(const struct report *r)
{
	const struct trace_run *run = profile_run(r->profile);
	const struct query_totals *heap =
		profile_totals_of(r->profile, MODEL_HEAP, r->query.pid);

	uint64_t ns;

	print_command(run);
	print_end(run);
	print_instant(r);
	ns = print_range(r);
	print_processes(r);
	print_calls(heap, ns, run->sample != 0);
	print_memory(heap, is_end(r));
	print_mappings(
		profile_totals_of(r->profile, MODEL_MAPPING, r->query.pid),
		is_end(r));
	if (!r->query.pid)
		gc_line(r->profile);
	if (is_end(r))
		balance_line(r->profile, r->query.pid);
}

/*
 * Quality
 */

static void print_note(const char *text)
{
	screen_style(SCREEN_WARNING);
	fputs("! ", stdout);
	screen_style(SCREEN_PLAIN);
	escape_print(stdout, text);
	putchar('\n');
}

static void print_fix(const char *fix)
{
	fputs("    try: ", stdout);
	escape_print(stdout, fix);
	putchar('\n');
}

static void print_gap(const struct query_module_gap *g, uint64_t allocated)
{
	printf("    %s (%s)  ", amount_bytes(g->bytes).text,
	       amount_share(g->bytes, allocated).text);
	escape_print(stdout, g->path);
	printf(" %s\n", g->why);
}

static bool is_worth_telling(const struct query_module_gap *g,
			     uint64_t allocated)
{
	return g->bytes >= allocated / GAP_SHARE;
}

/* The largest, and the command that helps once for those that share it. */
static void print_gaps(const struct query_quality *q, uint64_t allocated)
{
	const struct query_module_gap *g = q->gaps;
	const struct query_module_gap *end = g + q->gap_count;
	bool is_last;

	if (g == end || !is_worth_telling(g, allocated))
		return;
	if (q->gap_count > GAPS_MAX)
		end = g + GAPS_MAX;
	print_note("no line is known for some of what was allocated:");
	for (; g < end && is_worth_telling(g, allocated); g++) {
		print_gap(g, allocated);
		is_last = g + 1 == end || !is_worth_telling(g + 1, allocated);
		if (g->fix &&
		    (is_last || !g[1].fix || strcmp(g->fix, g[1].fix) != 0))
			print_fix(g->fix);
	}
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
		print_note(q->notes[i]);
	print_gaps(q, allocated);
	if (wants_leaks)
		print_note(q->leaks);
}

void report_text(const struct report *r)
{
	print_head(r);
	print_quality(r);
	print_filter(r);
	if (r->query.by == QUERY_BY_SIZE)
		histogram_print(r);
	if (r->query.by == QUERY_BY_TYPE) {
		report_types(r);
		return;
	}
	report_table(r, r->result, r->query.kind);
	if (r->mappings && query_metric_of(&r->mappings->total, r->query.sort))
		report_table(r, r->mappings, MODEL_MAPPING);
}
