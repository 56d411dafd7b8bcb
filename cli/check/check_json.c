/*
 * check_json - what was found, for scripts: memprof.check/1.
 */
#include "cli/check.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "analyzer/suppressions.h"
#include "cli/check/check_words.h"
#include "cli/jsonout.h"
#include "cli/subject_json.h"

static json_t *shares(const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < j->count; i++) {
		o = json_object();
		subject_json_frame(o, &j->shares[i].place);
		jsonout_count(o, "value", j->shares[i].value);
		jsonout_count(o, "blocks", j->shares[i].blocks);
		if (j->shares[i].trend) {
			jsonout_count(o, "iterations", j->shares[i].iterations);
			json_object_set_new(
				o, "blocks_per_iteration",
				json_real(j->shares[i].trend->blocks));
			json_object_set_new(
				o, "bytes_per_iteration",
				json_real(j->shares[i].trend->bytes));
		}
		subject_json(o, r->profile, QUERY_BY_STACK, &j->shares[i].row);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *result(const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;
	const struct check_scope *s = r->scope;
	json_t *o = json_object();
	char *text = check_words_limit(r);

	jsonout_text(o, "limit", r->limit->name);
	jsonout_text(o, "text", text);
	free(text);
	jsonout_text(o, "metric",
		     r->limit->is_growth ? "growth"
					 : query_metric_name(r->limit->metric));
	jsonout_count(o, "most", r->limit->most);
	jsonout_text(o, "section", s->name);
	jsonout_text(o, "where", s->condition);
	jsonout_text(o, "from", s->from);
	jsonout_text(o, "to", s->to);
	if (r->process)
		json_object_set_new(o, "pid", json_integer(r->process->pid));
	jsonout_text(o, "verdict", check_words_ruling(j->ruling));
	jsonout_text(o, "why", j->why);
	jsonout_count(o, "value", j->value);
	jsonout_count(o, "blocks", j->blocks);
	if (r->limit->metric == QUERY_LEAKED) {
		jsonout_count(o, "suppressed_bytes", j->known);
		jsonout_count(o, "suppressed_blocks", j->known_blocks);
	}
	json_object_set_new(o, "places",
			    j->ruling == QUERY_BROKEN ? shares(r)
						      : json_array());
	return o;
}

/* How the program ended; null where that is not known. */
static json_t *status(int status)
{
	json_t *o = json_object();
	bool exited = status != -1 && WIFEXITED(status);
	bool killed = status != -1 && WIFSIGNALED(status);

	json_object_set_new(o, "exit",
			    exited ? json_integer(WEXITSTATUS(status))
				   : json_null());
	json_object_set_new(o, "signal",
			    killed ? json_integer(WTERMSIG(status))
				   : json_null());
	return o;
}

static json_t *trace(const struct check_trace *t)
{
	json_t *o = json_object(), *list = json_array();
	const struct trace_run *run;

	jsonout_text(o, "trace", t->spec);
	jsonout_text(o, "verdict", check_words_ruling(t->ruling));
	jsonout_text(o, "why", check_words_why(t));
	for (size_t i = 0; i < t->count; i++)
		json_array_append_new(list, result(&t->results[i]));
	if (t->profile) {
		run = profile_run(t->profile);
		json_object_set_new(o, "command", jsonout_command(run));
		json_object_set_new(o, "pid", json_integer(run->pid));
		jsonout_count(o, "duration_ns", run->duration);
		json_object_set_new(o, "status", status(run->status));
		json_object_set_new(
			o, "quality",
			jsonout_quality(profile_quality(t->profile)));
	}
	json_object_set_new(o, "limits", list);
	return o;
}

static json_t *suppressions(const struct suppressions *s)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; s && i < s->count; i++) {
		const struct suppression *n = &s->items[i];

		if (!n->is_leak || (!n->file && !n->blocks))
			continue;
		o = json_object();
		jsonout_text(o, "name", n->name);
		jsonout_text(o, "file", n->file);
		jsonout_count(o, "line", n->line);
		jsonout_text(o, "reason", n->reason);
		json_object_set_new(o, "expires",
				    n->expires ? json_integer(n->expires)
					       : json_null());
		jsonout_text(o, "state", check_words_suppression(n));
		jsonout_count(o, "blocks", n->blocks);
		jsonout_count(o, "bytes", n->bytes);
		json_array_append_new(list, o);
	}
	return list;
}

void check_json(const struct check *c, FILE *out)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(list, trace(&c->traces[i]));
	jsonout_text(o, "schema", "memprof.check/1");
	jsonout_text(o, "verdict", check_words_ruling(c->ruling));
	jsonout_text(o, "min_quality", query_trust_name(c->rules->trust));
	json_object_set_new(o, "traces", list);
	json_object_set_new(o, "suppressions", suppressions(c->known));
	jsonout_file(o, out);
}
