/*
 * tree_json - the call tree that programs read, "memprof.tree/1".
 *
 * Nodes are one list in which parents come first and are named by number: no
 * reader has to nest as deep as a stack.
 */
#include "cli/tree.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/jsonout.h"
#include "cli/subject_json.h"
#include "trace/xmalloc.h"

struct output {
	const struct tree *tree;
	size_t count; /* nodes written */
	size_t *path; /* their numbers, by depth; owned */
	size_t room;
};

static void add_call(json_t *o, const struct query_node *n)
{
	subject_json_frame(o, &n->frame);
	jsonout_count(o, "recursion", n->recursion);
}

static json_t *node_object(struct output *out, const struct tree_line *line,
			   const struct query_node *n)
{
	const struct query_row row = { .thread = n->thread,
				       .process = n->process };
	json_t *o = json_object(), *own = json_object();

	jsonout_count(o, "id", out->count);
	if (line->depth)
		jsonout_count(o, "parent", out->path[line->depth - 1]);
	else
		json_object_set_new(o, "parent", json_null());
	jsonout_count(o, "depth", line->depth);
	if (n->thread || n->process)
		subject_json(o, out->tree->profile, out->tree->query.by, &row);
	else if (line->depth)
		add_call(o, n);
	jsonout_counts(o, &n->total);
	jsonout_counts(own, &n->own);
	json_object_set_new(o, "own", own);
	return o;
}

static void show(void *context, const struct tree_line *line,
		 const struct query_node *n)
{
	struct output *out = context;

	if (line->rest)
		return;
	out->path = xgrow(out->path, &out->room, line->depth + 1,
			  sizeof(*out->path));
	out->path[line->depth] = out->count;
	fputs(out->count ? ",\n  " : "\n  ", stdout);
	jsonout_print(node_object(out, line, n));
	out->count++;
}

void tree_json(const struct tree *t)
{
	const struct trace_run *run = profile_run(t->profile);
	const struct query *q = &t->query;
	struct output out = { .tree = t };

	fputs("{\n", stdout);
	jsonout_member("schema", json_string("memprof.tree/1"));
	jsonout_member("command", jsonout_command(run));
	jsonout_member("pid", json_integer(run->pid));
	jsonout_member("duration_ns", json_integer((json_int_t)run->duration));
	jsonout_member("instant", jsonout_foreign(profile_instant(t->profile)));
	jsonout_member("kind",
		       json_string(q->kind == MODEL_HEAP ? "heap" : "mapping"));
	jsonout_member("quality", jsonout_quality(profile_quality(t->profile)));
	jsonout_member("first", json_string(t->options.bottom_up ? "callees"
								 : "callers"));
	jsonout_member("sort", json_string(query_metric_name(q->sort)));
	if (q->where)
		jsonout_member("where", jsonout_foreign(where_text(q->where)));
	fputs(" \"nodes\": [", stdout);
	tree_walk(t, show, &out);
	fputs("\n ]\n}\n", stdout);
	free(out.path);
}
