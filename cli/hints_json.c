/*
 * hints_json - see hints_json.h.
 */
#include "cli/hints_json.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/hints_text.h"
#include "cli/jsonout.h"

static json_t *hint_json(const struct query_hint *h)
{
	json_t *o = json_object();

	jsonout_text(o, "kind", query_hint_name(h->kind));
	jsonout_text(o, "function", h->place.function);
	jsonout_text(o, "file", h->place.file);
	jsonout_count(o, "line", h->place.line);
	jsonout_text(o, "module", h->place.module);
	jsonout_text(o, "type", h->type);
	jsonout_count(o, "saves_bytes", h->saving);
	jsonout_count(o, "blocks", h->blocks);
	jsonout_count(o, "bytes", h->bytes);
	jsonout_count(o, "steps", h->steps);
	jsonout_count(o, "ns", h->ns);
	jsonout_text(o, "advice", hints_advice(h->kind));
	jsonout_text(o, "command", hints_command(h->kind));
	return o;
}

void hints_json(struct profile *p, const struct query_hints *hints)
{
	json_t *o = json_object(), *list = json_array();

	json_object_set_new(o, "schema", json_string("memprof.hints/1"));
	json_object_set_new(o, "command", jsonout_command(profile_run(p)));
	for (size_t i = 0; i < hints->count; i++)
		json_array_append_new(list, hint_json(&hints->items[i]));
	json_object_set_new(o, "hints", list);
	jsonout_print(o);
	putchar('\n');
}
