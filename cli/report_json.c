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
#include "cli/place.h"

static json_t *totals(const struct query_totals *t)
{
	json_t *o = json_object();

	jsonout_count(o, "allocations", t->allocations);
	jsonout_count(o, "allocated_bytes", t->allocated_bytes);
	jsonout_count(o, "frees", t->frees);
	jsonout_count(o, "freed_bytes", t->freed_bytes);
	jsonout_count(o, "reallocations", t->reallocations);
	jsonout_count(o, "live_blocks", t->live_blocks);
	jsonout_count(o, "live_bytes", t->live_bytes);
	jsonout_count(o, "peak_bytes", t->peak_bytes);
	jsonout_count(o, "peak_blocks", t->peak_blocks);
	jsonout_count(o, "peak_time_ns", t->peak_time_ns);
	jsonout_count(o, "temporary", t->temporary);
	jsonout_count(o, "leaked_bytes", t->leaked_bytes);
	jsonout_count(o, "leaked_blocks", t->leaked_blocks);
	return o;
}

static json_t *frame(const struct query_frame *f)
{
	json_t *o = json_object();

	jsonout_text(o, "function", f->function);
	jsonout_text(o, "file", f->file);
	jsonout_count(o, "line", f->line);
	jsonout_text(o, "module", f->module);
	json_object_set_new(o, "inlined", json_boolean(f->inlined));
	if (f->wrapper)
		json_object_set_new(o, "wrapper", json_true());
	if (f->guessed)
		json_object_set_new(o, "guessed", json_true());
	if (!f->function && f->addr)
		jsonout_address(o, "address", f->addr);
	return o;
}

static json_t *frames(const struct report *r, const struct query_row *row)
{
	size_t count;
	const struct query_frame *f = profile_frames(r->profile, row, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, frame(&f[i]));
	return list;
}

static json_t *thread(const struct query_row *row)
{
	json_t *o;

	if (!row->thread)
		return json_null();
	o = json_object();
	json_object_set_new(o, "tid", json_integer(row->thread->tid));
	jsonout_text(o, "name", row->thread->name);
	if (row->process)
		json_object_set_new(o, "pid", json_integer(row->process->pid));
	return o;
}

static json_t *process(const struct query_row *row)
{
	json_t *o;

	if (!row->process)
		return json_null();
	o = json_object();
	json_object_set_new(o, "pid", json_integer(row->process->pid));
	jsonout_text(o, "name", row->process->name);
	jsonout_text(o, "exe", row->process->exe);
	return o;
}

static void add_place(json_t *o, const struct query_row *row, enum query_by by)
{
	const struct query_frame *f = &row->place;

	if (by == QUERY_BY_LINE || by == QUERY_BY_FUNCTION)
		jsonout_text(o, "function", f->function);
	if (by != QUERY_BY_MODULE)
		jsonout_text(o, "file", f->file);
	if (by == QUERY_BY_LINE)
		jsonout_count(o, "line", f->line);
	jsonout_text(o, "module", f->module);
	if (by == QUERY_BY_LINE && !f->function && f->addr)
		jsonout_address(o, "address", f->addr);
}

static void add_subject(json_t *o, const struct report *r,
			const struct query_row *row)
{
	switch (r->query.by) {
	case QUERY_BY_STACK:
		json_object_set_new(o, "frames", frames(r, row));
		break;
	case QUERY_BY_THREAD:
		json_object_set_new(o, "thread", thread(row));
		break;
	case QUERY_BY_SIZE:
		jsonout_count(o, "size", row->size_max);
		json_object_set_new(o, "exact",
				    json_boolean(!row->size_shared));
		break;
	case QUERY_BY_PROCESS:
		json_object_set_new(o, "process", process(row));
		break;
	default:
		add_place(o, row, r->query.by);
	}
}

/* One standard error of the estimates, in bytes. */
static void add_errors(json_t *o, const struct query_counts *c)
{
	jsonout_count(o, "allocated_error", query_error_of(c, QUERY_ALLOCATED));
	jsonout_count(o, "live_error", query_error_of(c, QUERY_LIVE));
	jsonout_count(o, "peak_error", query_error_of(c, QUERY_PEAK));
}

static json_t *row_object(const struct report *r, const struct query_row *row)
{
	const struct query_counts *c = &row->counts;
	json_t *o = json_object();

	add_subject(o, r, row);
	jsonout_count(o, "calls", c->calls);
	jsonout_count(o, "allocations", c->allocations);
	jsonout_count(o, "reallocations", c->reallocations);
	jsonout_count(o, "allocated_bytes", c->allocated_bytes);
	jsonout_count(o, "frees", c->frees);
	jsonout_count(o, "freed_bytes", c->freed_bytes);
	jsonout_count(o, "live_bytes", c->live_bytes);
	jsonout_count(o, "live_blocks", c->live_blocks);
	jsonout_count(o, "peak_bytes", c->peak_bytes);
	jsonout_count(o, "peak_blocks", c->peak_blocks);
	jsonout_count(o, "temporary", c->temporary);
	jsonout_count(o, "leaked_bytes", c->leaked_bytes);
	jsonout_count(o, "leaked_blocks", c->leaked_blocks);
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

static void print_member(const char *name, json_t *value)
{
	printf(" \"%s\": ", name);
	jsonout_print(value);
	fputs(",\n", stdout);
}

void report_json(const struct report *r)
{
	const struct trace_run *run = profile_run(r->profile);
	const struct query_totals *heap =
		profile_totals_of(r->profile, r->query.kind, r->query.pid);

	fputs("{\n", stdout);
	print_member("schema", json_string("memprof.report/1"));
	print_member("command", jsonout_command(run));
	print_member("pid", json_integer(run->pid));
	print_member("duration_ns", json_integer((json_int_t)run->duration));
	print_member("instant", json_string(profile_instant(r->profile)));
	print_member(
		"kind",
		json_string(r->query.kind == MODEL_HEAP ? "heap" : "mapping"));
	print_member("totals", totals(heap));
	print_member("mappings",
		     totals(profile_totals_of(r->profile, MODEL_MAPPING,
					      r->query.pid)));
	print_member("quality", jsonout_quality(profile_quality(r->profile)));
	print_member("by", json_string(query_by_name(r->query.by)));
	print_member("sort", json_string(query_metric_name(r->query.sort)));
	print_member("total_rows",
		     json_integer((json_int_t)r->result->total_rows));
	print_rows(r);
}
