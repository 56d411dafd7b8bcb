/*
 * web_runs - what was run, its totals, and memory over time, of each trace of
 * a page.
 */
#include "cli/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/jsonout.h"
#include "text/escape.h"

static json_t *escaped(const char *text)
{
	char *shown = escape_text(text ? text : "");
	json_t *value = json_string(shown);

	free(shown);
	return value;
}

static json_t *command(const struct trace_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->argc; i++)
		json_array_append_new(list, escaped(run->argv[i]));
	return list;
}

static json_t *metrics(const struct query_counts *c)
{
	json_t *list = json_array();

	for (int m = 0; m < QUERY_METRICS; m++)
		json_array_append_new(list,
				      json_integer((json_int_t)query_metric_of(
					      c, (enum query_metric)m)));
	return list;
}

static json_t *notes(struct profile *p)
{
	const struct query_quality *q = profile_quality(p);
	json_t *list = json_array();

	if (profile_problem(p))
		json_array_append_new(list, escaped(profile_problem(p)));
	for (size_t i = 0; i < q->note_count; i++)
		json_array_append_new(list, escaped(q->notes[i]));
	return list;
}

static json_t *marks(const struct profile *p)
{
	size_t count;
	const struct model_mark *items = profile_marks(p, &count);
	json_t *list = json_array(), *mark;

	for (size_t i = 0; i < count; i++) {
		if (items[i].kind != MODEL_MARK_NAMED)
			continue;
		mark = json_array();
		json_array_append_new(mark,
				      json_integer((json_int_t)items[i].time));
		json_array_append_new(mark, escaped(items[i].name));
		json_array_append_new(list, mark);
	}
	return list;
}

static void widen(struct query_point *to, const struct query_point *p)
{
	uint64_t heap = to->heap_high, mapping = to->mapping_high;
	uint64_t resident = to->resident;

	*to = *p;
	if (heap > to->heap_high)
		to->heap_high = heap;
	if (mapping > to->mapping_high)
		to->mapping_high = mapping;
	if (resident > to->resident)
		to->resident = resident;
}

/* Steps put together until there are few: the highest of each is kept. */
static void print_timeline(struct profile *profile, int32_t pid)
{
	size_t count;
	const struct query_point *points =
		profile_timeline(profile, pid, &count);
	size_t step = count / WEB_POINTS + 1;
	const char *comma = "";

	fputs("\"timeline\":[", stdout);
	for (size_t i = 0; i < count; i += step) {
		struct query_point p = points[i];

		for (size_t j = i + 1; j < i + step && j < count; j++)
			widen(&p, &points[j]);
		printf("%s%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		       ",%" PRIu64,
		       comma, p.time, p.heap, p.heap_high, p.mapping_high,
		       p.resident);
		comma = ",";
	}
	fputs("]", stdout);
}

static void print_run(const struct web *p, const struct web_side *side)
{
	const struct trace_run *run = profile_run(side->profile);
	const struct query_totals *t =
		profile_totals_of(side->profile, p->query.kind, p->query.pid);
	json_t *o = json_object();

	json_object_set_new(o, "trace", escaped(side->spec));
	json_object_set_new(o, "command", command(run));
	json_object_set_new(o, "host", escaped(run->host));
	jsonout_count(o, "start_ms", run->start_realtime / 1000000);
	jsonout_count(o, "duration", run->duration);
	json_object_set_new(o, "instant",
			    escaped(profile_instant(side->profile)));
	jsonout_count(o, "time", profile_time(side->profile));
	jsonout_count(o, "peak_time", t->peak_time_ns);
	jsonout_count(o, "sample", run->sample);
	json_object_set_new(o, "total", metrics(&side->total));
	json_object_set_new(o, "notes", notes(side->profile));
	json_object_set_new(o, "marks", marks(side->profile));
	fputs("{\"run\":", stdout);
	web_print(o);
	fputs(",\n", stdout);
	print_timeline(side->profile, p->query.pid);
	fputs("}", stdout);
}

void web_runs(const struct web *p)
{
	const char *where = p->query.where ? where_text(p->query.where) : NULL;

	fputs("\"metrics\":[", stdout);
	for (int m = 0; m < QUERY_METRICS; m++)
		printf("%s\"%s\"", m ? "," : "",
		       query_metric_name((enum query_metric)m));
	printf("],\n\"sort\":%d,\n\"kind\":\"%s\",\n\"where\":",
	       (int)p->query.sort,
	       p->query.kind == MODEL_HEAP ? "heap" : "mapping");
	web_print(escaped(where));
	fputs(",\n\"traces\":[", stdout);
	for (size_t i = 0; i < p->sides; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_run(p, &p->side[i]);
	}
	fputs("],\n", stdout);
}
