/*
 * report_json - the report that programs read; contract "memprof.report/1".
 *
 * Rows are written one by one, each on its line, so that a report with a
 * hundred thousand of them is never in memory as a whole. All but ASCII is
 * written as \uNNNN: the output may pass a terminal.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/jsonout.h"
#include "cli/marks.h"
#include "cli/subject_json.h"

static json_t *range(const struct profile *p)
{
	uint64_t from, to;
	json_t *o;

	if (!profile_range(p, &from, &to))
		return json_null();
	o = json_object();
	jsonout_count(o, "from_ns", from);
	jsonout_count(o, "to_ns", to);
	return o;
}

/* One standard error of the estimates, in bytes. */
static void add_errors(json_t *o, const struct query_counts *c)
{
	jsonout_count(o, "allocated_error", query_error_of(c, QUERY_ALLOCATED));
	jsonout_count(o, "live_error", query_error_of(c, QUERY_LIVE));
	jsonout_count(o, "peak_error", query_error_of(c, QUERY_PEAK));
}

/* Null where no block was freed. */
static void add_lifetime(json_t *o, const char *name,
			 const struct query_lifetimes *l, uint64_t ns)
{
	if (l->blocks)
		jsonout_count(o, name, ns);
	else
		json_object_set_new(o, name, json_null());
}

static void add_lifetimes(json_t *o, const struct query_lifetimes *l)
{
	add_lifetime(o, "lifetime_min_ns", l, l->min);
	add_lifetime(o, "lifetime_median_ns", l, l->median);
	add_lifetime(o, "lifetime_max_ns", l, l->max);
}

static void add_growth(json_t *o, const struct query_growth *g)
{
	jsonout_count(o, "reallocations_moved", g->moved);
	jsonout_count(o, "reallocations_copied_bytes", g->copied_bytes);
	jsonout_count(o, "realloc_chains", g->chains);
	jsonout_count(o, "realloc_chain_steps", g->steps);
	jsonout_count(o, "realloc_chain_max", g->steps_max);
}

static json_t *row_object(const struct report *r, const struct query_row *row)
{
	const struct query_counts *c = &row->counts;
	json_t *o = json_object();

	subject_json(o, r->profile, r->query.by, row);
	jsonout_counts(o, c);
	if (r->query.lifetimes)
		add_lifetimes(o, &row->lifetimes);
	if (r->query.growth)
		add_growth(o, &row->growth);
	if (profile_run(r->profile)->sample)
		add_errors(o, c);
	return o;
}

static void print_rows(const struct report *r)
{
	fputs(" \"rows\": [", stdout);
	for (size_t i = 0; i < r->result->count; i++) {
		fputs(i ? ",\n  " : "\n  ", stdout);
		jsonout_print(row_object(r, &r->result->rows[i]));
	}
	fputs("\n ]\n}\n", stdout);
}

static json_t *filtered(const struct report *r)
{
	json_t *o = json_object();

	jsonout_counts(o, &r->result->total);
	return o;
}

void report_json(const struct report *r)
{
	const struct trace_run *run = profile_run(r->profile);
	const struct query_totals *heap =
		profile_totals_of(r->profile, r->query.kind, r->query.pid);

	fputs("{\n", stdout);
	jsonout_member("schema", json_string("memprof.report/1"));
	jsonout_member("command", jsonout_command(run));
	jsonout_member("pid", json_integer(run->pid));
	jsonout_member("duration_ns", json_integer((json_int_t)run->duration));
	jsonout_member("instant", json_string(profile_instant(r->profile)));
	jsonout_member("instant_ns",
		       json_integer((json_int_t)profile_time(r->profile)));
	jsonout_member("range", range(r->profile));
	jsonout_member("marks", marks_json(r->profile));
	jsonout_member(
		"kind",
		json_string(r->query.kind == MODEL_HEAP ? "heap" : "mapping"));
	jsonout_member("totals", jsonout_totals(heap));
	jsonout_member("mappings",
		       jsonout_totals(profile_totals_of(
			       r->profile, MODEL_MAPPING, r->query.pid)));
	if (r->query.where) {
		jsonout_member("where",
			       jsonout_foreign(where_text(r->query.where)));
		jsonout_member("filtered", filtered(r));
	}
	jsonout_member("quality", jsonout_quality(profile_quality(r->profile)));
	jsonout_member("by", json_string(query_by_name(r->query.by)));
	jsonout_member("sort", json_string(query_metric_name(r->query.sort)));
	jsonout_member("total_rows",
		       json_integer((json_int_t)r->result->total_rows));
	print_rows(r);
}
