/*
 * report_many - see report_many.h.
 */
#include "cli/report_many.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/csv.h"
#include "cli/judge.h"
#include "cli/jsonout.h"
#include "cli/screen.h"
#include "cli/subject_json.h"
#include "cli/subject_text.h"
#include "text/amount.h"
#include "text/metric.h"

enum {
	FIGURES_COLUMNS = 10 + 8 + 8 + 12 + 11 + 11 + 2,
	PLACE_COLUMNS = 24, /* at least */
};

bool report_many_is_possible(const struct query *q)
{
	return q->by != QUERY_BY_STACK && q->by != QUERY_BY_THREAD &&
	       q->by != QUERY_BY_PROCESS && !q->lifetimes && !q->growth;
}

static void note_run(struct report_many *m, const char *spec, struct profile *p)
{
	const struct trace_run *run = profile_run(p);
	json_t *o = json_object();

	jsonout_text(o, "trace", spec);
	json_object_set_new(o, "command", jsonout_command(run));
	json_object_set_new(o, "pid", json_integer(run->pid));
	jsonout_text(o, "host", run->host);
	jsonout_count(o, "duration_ns", run->duration);
	jsonout_text(o, "instant", profile_instant(p));
	json_object_set_new(o, "totals",
			    jsonout_totals(profile_totals_of(p, m->query.kind,
							     m->query.pid)));
	json_array_append_new(m->runs, o);
}

/* One that can not be read is said, and left out; so is the exit status. */
static int add_trace(struct report_many *m, struct query_combiner *c,
		     const char *spec, const struct profile_options *o)
{
	struct err err;
	struct profile *p = profile_open(spec, o, &err);
	int status = COMMAND_FAILED;

	if (!p) {
		command_message("%s", err.text);
	} else if (query_combiner_add(c, p, &err) < 0) {
		command_message("%s: %s", spec, err.text);
	} else {
		note_run(m, spec, p);
		status = judge_trace(p, spec, m->strict);
	}
	profile_close(p);
	return status;
}

int report_many(struct report_many *m, const struct profile_options *o,
		void (*write)(const struct report_many *m))
{
	struct query_combiner *c = query_combiner_open(&m->query);
	int status = COMMAND_OK;

	m->runs = json_array();
	for (size_t i = 0; i < m->count; i++) {
		int problem = add_trace(m, c, m->specs[i], o);

		if (problem)
			status = problem;
	}
	m->result = query_combiner_result(c, m->query.limit);
	if (m->result->traces)
		write(m);
	query_combiner_close(c);
	json_decref(m->runs);
	return command_finish(status);
}

/*
 * Text
 */

static void print_head(const struct report_many *m)
{
	const struct query_totals *t = &m->result->totals[m->query.kind];

	printf("traces      %zu\n", m->result->traces);
	printf("time        %s at most\n",
	       amount_time(m->result->duration).text);
	printf("calls       %s allocations, %s reallocations",
	       amount_count(t->allocations).text,
	       amount_count(t->reallocations).text);
	printf(", %s frees\n", amount_count(t->frees).text);
	printf("allocated   %s\n", amount_bytes(t->allocated_bytes).text);
	printf("peaks       %s together, each at its own time\n",
	       amount_bytes(t->peak_bytes).text);
	printf("live at end %s in %s blocks\n",
	       amount_bytes(t->live_bytes).text,
	       amount_count(t->live_blocks).text);
	if (m->result->has_sample)
		puts("! some traces are samples: figures are estimates");
	if (!m->result->quality.complete)
		puts("! not all traces are complete: see each of them");
}

static enum query_metric other_metric(const struct report_many *m)
{
	return m->query.sort == QUERY_PEAK ? QUERY_ALLOCATED : QUERY_PEAK;
}

static void print_row(const struct report_many *m,
		      const struct query_combined_row *row,
		      const struct place_style *style)
{
	const struct query_counts *c = &row->row.counts;
	enum query_metric sort = m->query.sort, other = other_metric(m);

	printf("%10s", metric_amount(sort, query_metric_of(c, sort)).text);
	printf(" %7s", amount_share(query_metric_of(c, sort),
				    query_metric_of(&m->result->total, sort))
			       .text);
	printf(" %7" PRIu32 " %11s", row->traces, amount_count(c->calls).text);
	printf(" %10s", metric_amount(other, query_metric_of(c, other)).text);
	printf(" %10s  ", amount_bytes(c->live_bytes).text);
	subject_print(m->query.by, &row->row, style);
}

static void print_rest(const struct report_many *m)
{
	size_t more = m->result->total_rows - m->result->count;

	if (more)
		printf("and %zu more row%s (--limit 0 shows all)\n", more,
		       more == 1 ? "" : "s");
}

void report_many_text(const struct report_many *m)
{
	struct place_style style = { .full = m->full };
	size_t columns = screen_columns();

	if (!m->full)
		style.columns = columns > FIGURES_COLUMNS + PLACE_COLUMNS
					? columns - FIGURES_COLUMNS
					: PLACE_COLUMNS;
	print_head(m);
	printf("\n%s by %s, %s\n",
	       m->query.kind == MODEL_HEAP ? "Heap" : "Mappings",
	       query_by_name(m->query.by), metric_sentence(m->query.sort));
	screen_style(SCREEN_TITLE);
	printf("%10s %7s %7s %11s %10s", metric_title(m->query.sort), "%",
	       "traces", "calls", metric_title(other_metric(m)));
	printf(" %10s  %s", "live", query_by_name(m->query.by));
	screen_style(SCREEN_PLAIN);
	putchar('\n');
	for (size_t i = 0; i < m->result->count; i++)
		print_row(m, &m->result->rows[i], &style);
	print_rest(m);
}

/*
 * JSON
 */

static json_t *row_object(const struct report_many *m,
			  const struct query_combined_row *row)
{
	json_t *o = json_object();

	subject_json(o, NULL, m->query.by, &row->row);
	jsonout_count(o, "traces", row->traces);
	jsonout_counts(o, &row->row.counts);
	return o;
}

/* Of all traces; null when they differ. */
static json_t *instant(const struct report_many *m)
{
	json_t *all = json_object_get(json_array_get(m->runs, 0), "instant");

	for (size_t i = 1; i < json_array_size(m->runs); i++)
		if (!json_equal(all, json_object_get(json_array_get(m->runs, i),
						     "instant")))
			return json_null();
	return json_incref(all);
}

/* What a report on one trace has of it: here the first trace's. */
static void print_first(const struct report_many *m)
{
	const json_t *first = json_array_get(m->runs, 0);

	jsonout_member("command",
		       json_incref(json_object_get(first, "command")));
	jsonout_member("pid", json_incref(json_object_get(first, "pid")));
}

void report_many_json(const struct report_many *m)
{
	const struct query_combined *r = m->result;

	fputs("{\n", stdout);
	jsonout_member("schema", json_string("memprof.report/1"));
	print_first(m);
	jsonout_member("duration_ns", json_integer((json_int_t)r->duration));
	jsonout_member("instant", instant(m));
	jsonout_member("traces", json_incref(m->runs));
	jsonout_member(
		"kind",
		json_string(m->query.kind == MODEL_HEAP ? "heap" : "mapping"));
	jsonout_member("totals", jsonout_totals(&r->totals[m->query.kind]));
	jsonout_member("mappings", jsonout_totals(&r->totals[MODEL_MAPPING]));
	jsonout_member("quality", jsonout_quality(&r->quality));
	jsonout_member("by", json_string(query_by_name(m->query.by)));
	jsonout_member("sort", json_string(query_metric_name(m->query.sort)));
	jsonout_member("total_rows", json_integer((json_int_t)r->total_rows));
	fputs(" \"rows\": [", stdout);
	for (size_t i = 0; i < r->count; i++) {
		fputs(i ? ",\n  " : "\n  ", stdout);
		jsonout_print(row_object(m, &r->rows[i]));
	}
	fputs("\n ]\n}\n", stdout);
}

/*
 * CSV
 */

static void write_csv(const struct report_many *m, bool is_tsv)
{
	struct csv w = { .by = m->query.by, .is_tsv = is_tsv };

	csv_subject_titles(&w);
	csv_text(&w, "traces");
	csv_count_titles(&w);
	csv_end_line(&w);
	for (size_t i = 0; i < m->result->count; i++) {
		const struct query_combined_row *row = &m->result->rows[i];

		csv_subject(&w, &row->row);
		csv_count(&w, row->traces);
		csv_counts(&w, &row->row.counts);
		csv_end_line(&w);
	}
}

void report_many_csv(const struct report_many *m)
{
	write_csv(m, false);
}

void report_many_tsv(const struct report_many *m)
{
	write_csv(m, true);
}
