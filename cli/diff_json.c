/*
 * diff_json - the difference that programs read; contract "memprof.diff/1".
 *
 * Figures have the names of a report's, each an object of old, new and delta.
 */
#include "cli/diff.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/jsonout.h"
#include "cli/subject_json.h"

static void add_figure(json_t *o, const char *name, uint64_t old, uint64_t new)
{
	json_t *figure = json_object();

	jsonout_count(figure, "old", old);
	jsonout_count(figure, "new", new);
	json_object_set_new(figure, "delta",
			    json_integer((json_int_t)(new - old)));
	json_object_set_new(o, name, figure);
}

static void add_figures(json_t *o, const struct query_counts *a,
			const struct query_counts *b)
{
	add_figure(o, "calls", a->calls, b->calls);
	add_figure(o, "allocations", a->allocations, b->allocations);
	add_figure(o, "reallocations", a->reallocations, b->reallocations);
	add_figure(o, "allocated_bytes", a->allocated_bytes,
		   b->allocated_bytes);
	add_figure(o, "frees", a->frees, b->frees);
	add_figure(o, "freed_bytes", a->freed_bytes, b->freed_bytes);
	add_figure(o, "live_bytes", a->live_bytes, b->live_bytes);
	add_figure(o, "live_blocks", a->live_blocks, b->live_blocks);
	add_figure(o, "peak_bytes", a->peak_bytes, b->peak_bytes);
	add_figure(o, "peak_blocks", a->peak_blocks, b->peak_blocks);
	add_figure(o, "temporary", a->temporary, b->temporary);
	add_figure(o, "leaked_bytes", a->leaked_bytes, b->leaked_bytes);
	add_figure(o, "leaked_blocks", a->leaked_blocks, b->leaked_blocks);
	add_figure(o, "cyclic_bytes", a->cyclic_bytes, b->cyclic_bytes);
	add_figure(o, "cyclic_blocks", a->cyclic_blocks, b->cyclic_blocks);
}

static json_t *row_object(const struct diff *d,
			  const struct query_diff_row *row)
{
	static const struct query_counts none;
	json_t *o = json_object();

	jsonout_text(o, "class", query_change_name(row->change));
	subject_json(o, diff_owner(d, row), d->query.by, diff_subject(row));
	if (d->query.by == QUERY_BY_LINE && row->before && row->after)
		jsonout_count(o, "old_line", row->before->place.line);
	add_figures(o, row->before ? &row->before->counts : &none,
		    row->after ? &row->after->counts : &none);
	return o;
}

static json_t *run_object(const struct diff *d, int side)
{
	struct profile *p = d->profile[side];
	const struct trace_run *run = profile_run(p);
	json_t *o = json_object();

	jsonout_text(o, "trace", d->spec[side]);
	json_object_set_new(o, "command", jsonout_command(run));
	json_object_set_new(o, "pid", json_integer(run->pid));
	jsonout_count(o, "duration_ns", run->duration);
	jsonout_text(o, "instant", d->when[side]);
	json_object_set_new(o, "quality", jsonout_quality(profile_quality(p)));
	return o;
}

static json_t *classes(const struct query_diff *r)
{
	json_t *o = json_object();

	for (int i = 0; i < QUERY_CHANGES; i++)
		jsonout_count(o, query_change_name((enum query_change)i),
			      r->changes[i]);
	return o;
}

static void print_member(const char *name, json_t *value)
{
	printf(" \"%s\": ", name);
	jsonout_print(value);
	fputs(",\n", stdout);
}

void diff_json(const struct diff *d)
{
	const struct query_diff *r = d->result;
	json_t *totals = json_object();

	add_figures(totals, &r->before, &r->after);
	fputs("{\n", stdout);
	print_member("schema", json_string("memprof.diff/1"));
	print_member("old", run_object(d, 0));
	print_member("new", run_object(d, 1));
	print_member(
		"kind",
		json_string(d->query.kind == MODEL_HEAP ? "heap" : "mapping"));
	print_member("totals", totals);
	print_member("by", json_string(query_by_name(d->query.by)));
	print_member("sort", json_string(query_metric_name(d->query.sort)));
	print_member("classes", classes(r));
	print_member("total_rows", json_integer((json_int_t)r->total_rows));
	fputs(" \"rows\": [", stdout);
	for (size_t i = 0; i < r->count; i++) {
		fputs(i ? ",\n  " : "\n  ", stdout);
		jsonout_print(row_object(d, &r->rows[i]));
	}
	fputs("\n ]\n}\n", stdout);
}
