/*
 * check_sarif - what was found, as SARIF 2.1.0, which code scanning reads: each
 * stack with a part in a broken limit is a result at its source line.
 *
 * Files below the current directory are given relative to it, as is wanted
 * where that is the root of a repository.
 */
#include "cli/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check/check_words.h"
#include "cli/jsonout.h"
#include "trace/xmalloc.h"

#define SCHEMA                                                                 \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/"           \
	"sarif-schema-2.1.0.json"

/* As the text of something: SARIF's message. */
static json_t *message(const char *text)
{
	json_t *o = json_object();

	jsonout_text(o, "text", text);
	return o;
}

static json_t *uri(const char *file)
{
	const char *path = check_words_path(file);
	char *text = xmalloc(3 * strlen(path) + 8), *to = text;
	json_t *string;

	if (*path == '/')
		to += sprintf(to, "file://");
	for (; *path; path++)
		if (isalnum((unsigned char)*path) || strchr("/-._~", *path))
			*to++ = *path;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*path);
	*to = '\0';
	string = json_string(text);
	free(text);
	return string;
}

static json_t *location(const struct query_frame *f)
{
	json_t *o = json_object(), *list, *part;

	if (f->file && f->line) {
		part = json_pack("{s:{s:o}, s:{s:I}}", "artifactLocation",
				 "uri", uri(f->file), "region", "startLine",
				 (json_int_t)f->line);
		json_object_set_new(o, "physicalLocation", part);
	}
	if (f->function) {
		part = json_object();
		jsonout_text(part, "name", f->function);
		json_object_set_new(part, "kind", json_string("function"));
		list = json_array();
		json_array_append_new(list, part);
		json_object_set_new(o, "logicalLocations", list);
	}
	return o;
}

static json_t *stack(const struct check_result *r,
		     const struct query_share *share)
{
	json_t *list = json_array(), *frame;
	size_t count;
	const struct query_frame *f =
		profile_frames(r->profile, &share->row, &count);

	for (size_t i = 0; i < count; i++) {
		frame = json_object();
		json_object_set_new(frame, "location", location(&f[i]));
		jsonout_text(frame, "module", f[i].module ? f[i].module : "?");
		json_array_append_new(list, frame);
	}
	return json_pack("{s:o}", "frames", list);
}

static void add_share(json_t *results, const struct check_result *r,
		      const struct query_share *share)
{
	char *limit = check_words_limit(r);
	char *found = check_words_share(r, share), *text;
	json_t *o = json_object();

	text = xmalloc(strlen(limit) + strlen(found) + 16);
	sprintf(text, "%s: %s", limit, found);
	jsonout_text(o, "ruleId", r->limit->name);
	json_object_set_new(o, "level", json_string("error"));
	json_object_set_new(o, "message", message(text));
	json_object_set_new(o, "locations",
			    json_pack("[o]", location(&share->place)));
	json_object_set_new(o, "stacks", json_pack("[o]", stack(r, share)));
	json_array_append_new(results, o);
	free(limit);
	free(found);
	free(text);
}

static void add_results(json_t *results, const struct check_trace *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct check_result *r = &t->results[i];

		if (r->judgement.ruling != QUERY_BROKEN)
			continue;
		for (size_t n = 0; n < r->judgement.count; n++)
			add_share(results, r, &r->judgement.shares[n]);
	}
}

static bool has_rule(const json_t *list, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach(
		list, i,
		o) if (!strcmp(json_string_value(json_object_get(o, "id")),
			       name)) return true;
	return false;
}

static void add_rules(json_t *list, const struct check_trace *t)
{
	json_t *o;

	for (size_t i = 0; i < t->count; i++) {
		const char *name = t->results[i].limit->name;

		if (has_rule(list, name))
			continue;
		o = json_object();
		jsonout_text(o, "id", name);
		json_object_set_new(o, "shortDescription", message(name));
		json_array_append_new(list, o);
	}
}

/* What could not be judged is no result, but must not look like none. */
static json_t *invocation(const struct check_trace *t)
{
	json_t *o = json_object(), *note, *list = json_array();
	const char *why = check_words_why(t);

	json_object_set_new(o, "executionSuccessful", json_boolean(!why));
	if (why) {
		note = json_object();
		json_object_set_new(note, "level", json_string("error"));
		json_object_set_new(note, "message", message(why));
		json_array_append_new(list, note);
	}
	json_object_set_new(o, "toolExecutionNotifications", list);
	return o;
}

void check_sarif(const struct check *c, FILE *out)
{
	json_t *results = json_array(), *invocations = json_array();
	json_t *rules = json_array(), *run;

	for (size_t i = 0; i < c->count; i++) {
		add_rules(rules, &c->traces[i]);
		add_results(results, &c->traces[i]);
		json_array_append_new(invocations, invocation(&c->traces[i]));
	}
	run = json_pack("{s:{s:{s:s, s:s, s:o}}, s:o, s:o, s:s}", "tool",
			"driver", "name", "memprof", "version", MEMPROF_VERSION,
			"rules", rules, "invocations", invocations, "results",
			results, "columnKind", "unicodeCodePoints");
	jsonout_file(json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA,
			       "version", "2.1.0", "runs", run),
		     out);
}
