/*
 * jsonout - pieces of JSON that several commands write; see jsonout.h.
 */
#include "cli/jsonout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

json_t *jsonout_foreign(const char *text)
{
	char *valid;
	json_t *string;

	if (!text)
		return json_null();
	valid = escape_utf8(text);
	string = json_string(valid);
	free(valid);
	return string;
}

void jsonout_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, jsonout_foreign(text));
}

void jsonout_count(json_t *object, const char *name, uint64_t count)
{
	if (count > INT64_MAX)
		count = INT64_MAX;
	json_object_set_new(object, name, json_integer((json_int_t)count));
}

void jsonout_address(json_t *object, const char *name, uint64_t addr)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	json_object_set_new(object, name, json_string(text));
}

void jsonout_counts(json_t *o, const struct query_counts *c)
{
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
	jsonout_count(o, "cyclic_bytes", c->cyclic_bytes);
	jsonout_count(o, "cyclic_blocks", c->cyclic_blocks);
}

json_t *jsonout_command(const struct trace_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->argc; i++)
		json_array_append_new(list, jsonout_foreign(run->argv[i]));
	return list;
}

json_t *jsonout_totals(const struct query_totals *t)
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

static json_t *gaps(const struct query_quality *q)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < q->gap_count; i++) {
		o = json_object();
		jsonout_text(o, "module", q->gaps[i].path);
		jsonout_text(o, "why", q->gaps[i].why);
		jsonout_text(o, "fix", q->gaps[i].fix);
		jsonout_count(o, "allocated_bytes", q->gaps[i].bytes);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *notes(const struct query_quality *q)
{
	json_t *list = json_array();

	for (size_t i = 0; i < q->note_count; i++)
		json_array_append_new(list, jsonout_foreign(q->notes[i]));
	if (q->leaks)
		json_array_append_new(list, jsonout_foreign(q->leaks));
	return list;
}

static json_t *gap_modules(const struct query_quality *q)
{
	json_t *list = json_array();

	for (size_t i = 0; i < q->gap_count; i++)
		json_array_append_new(list, jsonout_foreign(q->gaps[i].path));
	return list;
}

static void add_capture(json_t *o, const struct model_quality *c)
{
	json_object_set_new(o, "finished", json_boolean(c->finished));
	json_object_set_new(o, "damaged", json_boolean(c->damaged));
	jsonout_count(o, "lost_events", c->lost_events);
	jsonout_count(o, "unmatched_frees", c->unmatched_frees);
	jsonout_count(o, "inherited_frees", c->inherited_frees);
	jsonout_count(o, "unrecorded_frees", c->unrecorded_frees);
	jsonout_count(o, "truncated_stacks", c->truncated_stacks);
	jsonout_count(o, "reentrant_calls", c->reentrant);
	jsonout_count(o, "waits", c->waits);
	jsonout_count(o, "reordered_frees", c->reordered);
	jsonout_count(o, "checks", c->checks);
	jsonout_count(o, "check_failures", c->check_failures);
}

json_t *jsonout_quality(const struct query_quality *q)
{
	json_t *o = json_object();

	json_object_set_new(o, "complete", json_boolean(q->complete));
	add_capture(o, &q->capture);
	jsonout_count(o, "guessed_frames", q->guessed_frames);
	jsonout_count(o, "bytes_without_line", q->bytes_without_line);
	json_object_set_new(o, "modules_without_debug", gap_modules(q));
	json_object_set_new(o, "gaps", gaps(q));
	json_object_set_new(o, "notes", notes(q));
	return o;
}

/* Only of DEL jansson thinks that it may stay as it is. */
static int put(const char *text, size_t size, void *context)
{
	FILE *out = context;
	const char *end = text + size;

	while (text < end) {
		const char *del = memchr(text, 0x7f, (size_t)(end - text));
		const char *stop = del ? del : end;

		fwrite(text, 1, (size_t)(stop - text), out);
		if (del)
			fputs("\\u007f", out);
		text = stop + (del != NULL);
	}
	return 0;
}

void jsonout_print(json_t *value)
{
	json_dump_callback(value, put, stdout,
			   JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	json_decref(value);
}

void jsonout_file(json_t *value, FILE *out)
{
	json_dump_callback(value, put, out, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	json_decref(value);
	fputc('\n', out);
}

void jsonout_member(const char *name, json_t *value)
{
	printf(" \"%s\": ", name);
	jsonout_print(value);
	fputs(",\n", stdout);
}
