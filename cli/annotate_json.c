/*
 * annotate_json - source with figures for programs; "memprof.annotate/1".
 */
#include "cli/annotate.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/jsonout.h"

static void add_figures(json_t *o, const struct query_counts *c)
{
	jsonout_count(o, "calls", c->calls);
	jsonout_count(o, "allocated_bytes", c->allocated_bytes);
	jsonout_count(o, "freed_bytes", c->freed_bytes);
	json_object_set_new(o, "net_bytes",
			    json_integer((json_int_t)(c->allocated_bytes -
						      c->freed_bytes)));
	jsonout_count(o, "live_bytes", c->live_bytes);
	jsonout_count(o, "live_blocks", c->live_blocks);
	jsonout_count(o, "peak_bytes", c->peak_bytes);
	jsonout_count(o, "peak_blocks", c->peak_blocks);
	jsonout_count(o, "temporary", c->temporary);
}

static json_t *line_object(const struct annotate *a,
			   const struct query_listing *l,
			   const struct query_source_line *s)
{
	json_t *o = json_object();

	jsonout_count(o, "line", s->line);
	jsonout_text(o, "text",
		     profile_source_line(a->profile, l->file, s->line));
	add_figures(o, &s->counts);
	if (l->has_usage) {
		jsonout_count(o, "usage_bytes", s->usage);
		json_object_set_new(o, "increment_bytes",
				    json_integer((json_int_t)s->increment));
	}
	return o;
}

static void print_listing(const struct annotate *a,
			  const struct query_listing *l)
{
	json_t *o = json_object(), *totals = json_object();
	json_t *lines = json_array();

	jsonout_text(o, "function", l->function);
	jsonout_text(o, "file", l->file);
	jsonout_text(o, "module", l->module);
	jsonout_text(o, "note", l->note);
	jsonout_text(o, "fix", l->fix);
	if (l->has_usage)
		jsonout_count(o, "usage_before_bytes", l->before);
	jsonout_count(o, "first_line", l->first);
	jsonout_count(o, "last_line", l->last);
	add_figures(totals, &l->total);
	json_object_set_new(o, "totals", totals);
	for (size_t i = 0; i < l->count; i++)
		json_array_append_new(lines, line_object(a, l, &l->lines[i]));
	json_object_set_new(o, "lines", lines);
	jsonout_print(o);
}

static void print_member(const char *name, json_t *value)
{
	printf(" \"%s\": ", name);
	jsonout_print(value);
	fputs(",\n", stdout);
}

void annotate_json(const struct annotate *a)
{
	const struct trace_run *run = profile_run(a->profile);
	const struct query_quality *q = profile_quality(a->profile);

	fputs("{\n", stdout);
	print_member("schema", json_string("memprof.annotate/1"));
	print_member("command", jsonout_command(run));
	print_member("pid", json_integer(run->pid));
	print_member("duration_ns", json_integer((json_int_t)run->duration));
	print_member("instant", json_string(profile_instant(a->profile)));
	print_member("target", jsonout_foreign(a->target));
	print_member("own", json_boolean(a->own));
	print_member("quality", jsonout_quality(q));
	print_member("total_functions",
		     json_integer((json_int_t)a->listings->count));
	fputs(" \"functions\": [", stdout);
	for (size_t i = 0; i < a->shown; i++) {
		fputs(i ? ",\n  " : "\n  ", stdout);
		print_listing(a, &a->listings->items[i]);
	}
	fputs("\n ]\n}\n", stdout);
}
