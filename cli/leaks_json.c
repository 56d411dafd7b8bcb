/*
 * leaks_json - what was lost, for programs: "memprof.leaks/1", and as CSV.
 */
#include "cli/leaks.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/csv.h"
#include "cli/jsonout.h"
#include "cli/subject_json.h"
#include "text/root.h"

static void add_classes(json_t *o, const struct query_classes *c)
{
	char name[64];

	for (size_t i = 0; i < MODEL_LEAK_CLASSES; i++) {
		const char *class = leaks_class_name((enum model_leak_class)i);

		snprintf(name, sizeof(name), "%s_bytes", class);
		jsonout_count(o, name, c->bytes[i]);
		snprintf(name, sizeof(name), "%s_blocks", class);
		jsonout_count(o, name, c->blocks[i]);
	}
}

static json_t *totals(const struct query_counts *c)
{
	json_t *o = json_object();

	add_classes(o, &c->classes);
	jsonout_count(o, "leaked_bytes", c->leaked_bytes);
	jsonout_count(o, "leaked_blocks", c->leaked_blocks);
	return o;
}

static json_t *record(const struct leaks_answer *a,
		      const struct leaks_record *r)
{
	const struct query_classes *c = &r->row->counts.classes;
	bool definite = r->class == MODEL_LEAK_DEFINITE;
	json_t *o = json_object();

	jsonout_text(o, "class", leaks_class_name(r->class));
	jsonout_count(o, "bytes", r->bytes);
	jsonout_count(o, "blocks", r->blocks);
	jsonout_count(o, "indirect_bytes", definite ? c->held_bytes : 0);
	jsonout_count(o, "indirect_blocks", definite ? c->held_blocks : 0);
	subject_json(o, a->profile, QUERY_BY_STACK, r->row);
	return o;
}

static void print_records(const struct leaks_answer *a)
{
	size_t count;
	struct leaks_record *list = leaks_records(a, &count);

	jsonout_member("total_rows", json_integer((json_int_t)count));
	if (a->limit && count > a->limit)
		count = a->limit;
	fputs(" \"rows\": [", stdout);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ",\n  " : "\n  ", stdout);
		jsonout_print(record(a, &list[i]));
	}
	fputs("\n ]\n}\n", stdout);
	free(list);
}

static json_t *root(const struct query_root *r)
{
	json_t *o = json_object();

	jsonout_text(o, "kind", root_name(r->kind));
	jsonout_text(o, "name", r->name);
	jsonout_text(o, "file", r->file);
	json_object_set_new(o, "line",
			    r->line ? json_integer(r->line) : json_null());
	jsonout_text(o, "module", r->module);
	if (r->addr)
		jsonout_address(o, "address", r->addr);
	else
		json_object_set_new(o, "address", json_null());
	jsonout_count(o, "pid", (uint64_t)r->process->pid);
	json_object_set_new(o, "tid",
			    r->tid ? json_integer(r->tid) : json_null());
	jsonout_count(o, "bytes", r->bytes);
	jsonout_count(o, "blocks", r->blocks);
	return o;
}

static json_t *roots(struct profile *p)
{
	json_t *list = json_array();
	size_t count;
	const struct query_root *all = profile_roots(p, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, root(&all[i]));
	return list;
}

void leaks_json(const struct leaks_answer *a)
{
	const struct trace_run *run = profile_run(a->profile);

	fputs("{\n", stdout);
	jsonout_member("schema", json_string("memprof.leaks/1"));
	jsonout_member("command", jsonout_command(run));
	jsonout_member("pid", json_integer(run->pid));
	jsonout_member("duration_ns", json_integer((json_int_t)run->duration));
	jsonout_member("classified", json_boolean(a->leaks->classified));
	jsonout_member("why", a->leaks->why ? jsonout_foreign(a->leaks->why)
					    : json_null());
	jsonout_member("instant", jsonout_foreign(profile_instant(a->profile)));
	jsonout_member("stopped_ns",
		       a->leaks->is_then
			       ? json_integer((json_int_t)a->leaks->stopped)
			       : json_null());
	jsonout_member("unread_bytes",
		       json_integer((json_int_t)a->leaks->unread));
	jsonout_member("replaced_processes",
		       json_integer((json_int_t)a->leaks->replaced));
	jsonout_member("totals", totals(&a->result->total));
	jsonout_member("suppressed_bytes",
		       json_integer((json_int_t)a->known_bytes));
	jsonout_member("suppressed_blocks",
		       json_integer((json_int_t)a->known_blocks));
	jsonout_member("quality", jsonout_quality(profile_quality(a->profile)));
	jsonout_member("roots", a->show[MODEL_LEAK_REACHABLE]
					? roots(a->profile)
					: json_array());
	print_records(a);
}

void leaks_csv(const struct leaks_answer *a)
{
	static const char *const titles[] = { "class", "bytes", "blocks",
					      "indirect_bytes",
					      "indirect_blocks" };
	struct csv w = { .profile = a->profile, .by = QUERY_BY_STACK };
	size_t count;
	struct leaks_record *list = leaks_records(a, &count);

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		csv_text(&w, titles[i]);
	csv_subject_titles(&w);
	csv_end_line(&w);
	for (size_t i = 0; i < count && (!a->limit || i < a->limit); i++) {
		const struct query_classes *c = &list[i].row->counts.classes;
		bool definite = list[i].class == MODEL_LEAK_DEFINITE;

		csv_text(&w, leaks_class_name(list[i].class));
		csv_count(&w, list[i].bytes);
		csv_count(&w, list[i].blocks);
		csv_count(&w, definite ? c->held_bytes : 0);
		csv_count(&w, definite ? c->held_blocks : 0);
		csv_subject(&w, list[i].row);
		csv_end_line(&w);
	}
	free(list);
}
