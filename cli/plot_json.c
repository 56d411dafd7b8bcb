/*
 * plot_json - memory over time for programs; "memprof.plot/1".
 */
#include "cli/plot.h"

#include <jansson.h>

#include "cli/gc.h"
#include "cli/jsonout.h"

static json_t *point_object(const struct query_point *p)
{
	json_t *o = json_object();

	jsonout_count(o, "time_ns", p->time);
	jsonout_count(o, "heap_bytes", p->heap);
	jsonout_count(o, "heap_highest_bytes", p->heap_high);
	jsonout_count(o, "mapping_bytes", p->mapping);
	jsonout_count(o, "mapping_highest_bytes", p->mapping_high);
	jsonout_count(o, "resident_bytes", p->resident);
	jsonout_count(o, "shared_bytes", p->shared);
	return o;
}

static json_t *marks_array(const struct plot *p)
{
	json_t *list = json_array();
	size_t n;
	const struct model_mark *marks = profile_marks(p->profile, &n);

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		jsonout_text(o, "name", marks[i].name);
		jsonout_count(o, "time_ns", marks[i].time);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *stays_array(const struct query_activity *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->count; i++) {
		json_t *o = json_object();

		jsonout_count(o, "from_ns", a->stays[i].from);
		jsonout_count(o, "to_ns", a->stays[i].to);
		jsonout_count(o, "from_bytes", a->stays[i].from_bytes);
		jsonout_count(o, "to_bytes", a->stays[i].to_bytes);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *functions_array(const struct plot *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->functions->count; i++) {
		const struct query_activity *a = &p->functions->items[i];
		json_t *o = json_object();

		jsonout_text(o, "function", a->frame.function);
		jsonout_text(o, "file", a->frame.file);
		jsonout_text(o, "module", a->frame.module);
		jsonout_count(o, "allocated_bytes", a->allocated);
		jsonout_count(o, "inside_ns", a->inside);
		json_object_set_new(o, "stays", stays_array(a));
		json_array_append_new(list, o);
	}
	return list;
}

int plot_json(const struct plot *p, FILE *out)
{
	const struct trace_run *run = profile_run(p->profile);
	json_t *o = json_object(), *peak = json_object();
	json_t *points = json_array();

	json_object_set_new(o, "schema", json_string("memprof.plot/1"));
	json_object_set_new(o, "command", jsonout_command(run));
	json_object_set_new(o, "pid", json_integer(run->pid));
	jsonout_count(o, "duration_ns", run->duration);
	jsonout_count(o, "from_ns", p->from);
	jsonout_count(o, "to_ns", p->to);
	jsonout_text(peak, "of", plot_series_name(p->first));
	jsonout_count(peak, "bytes", p->peak);
	jsonout_count(peak, "time_ns", p->peak_time);
	json_object_set_new(o, "peak", peak);
	json_object_set_new(o, "marks", marks_array(p));
	if (profile_gc(p->profile)->runs)
		json_object_set_new(o, "gc", gc_json(p->profile));
	if (p->functions)
		json_object_set_new(o, "functions", functions_array(p));
	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(points, point_object(&p->points[i]));
	json_object_set_new(o, "points", points);
	if (json_dumpf(o, out, JSON_ENSURE_ASCII | JSON_INDENT(1)) == 0)
		fputc('\n', out);
	json_decref(o);
	return ferror(out) ? -1 : 0;
}
