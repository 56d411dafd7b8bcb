/*
 * check_gate - see check_gate.h.
 */
#include "cli/check/check_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/check/check_compare.h"
#include "trace/xmalloc.h"

/* A broken limit is certain; what is not known comes next. */
static enum query_ruling worse(enum query_ruling a, enum query_ruling b)
{
	static const int rank[] = {
		[QUERY_KEPT] = 0, [QUERY_UNKNOWN] = 1, [QUERY_BROKEN] = 2
	};

	return rank[a] > rank[b] ? a : b;
}

static bool is_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static struct profile *open_part(const struct check *c,
				 const struct check_trace *t, const char *from,
				 const char *to, struct err *err)
{
	return profile_open(t->spec,
			    &(struct profile_options){ .skip = c->skip,
						       .skips = c->skips,
						       .from = from,
						       .to = to },
			    err);
}

/* That of a scope with the same part of the run, or a new one. */
static struct profile *open_scope(const struct check *c, struct check_trace *t,
				  size_t scope, struct err *err)
{
	const struct check_scope *all = c->rules->scopes, *own = &all[scope];

	if (!own->from && !own->to)
		return t->profile;
	for (size_t i = 0; i < scope; i++)
		if (t->profiles[i] && is_text(all[i].from, own->from) &&
		    is_text(all[i].to, own->to))
			return t->profiles[i];
	return open_part(c, t, own->from, own->to, err);
}

int check_gate_put(const struct check *c, struct check_trace *t,
		   struct check_result r, struct err *err)
{
	const struct query_limit l = {
		.metric = r.limit->metric,
		.is_growth = r.limit->is_growth,
		.mark = c->rules->mark,
		.most = r.limit->most,
		.where = r.scope->where,
		.pid = r.process ? r.process->pid : 0,
		.trust = c->rules->trust,
		.known = r.limit->metric == QUERY_LEAKED ? c->known : NULL,
	};

	if (profile_judge(r.profile, &l, &r.judgement, err) < 0)
		return -1;
	t->results =
		xgrow(t->results, &t->room, t->count + 1, sizeof(*t->results));
	t->results[t->count++] = r;
	t->ruling = worse(t->ruling, r.judgement.ruling);
	return 0;
}

/* A process that executed another program is there twice, with one memory. */
static bool is_last_of_pid(const struct model_process *processes, size_t i,
			   size_t count)
{
	for (size_t n = i + 1; n < count; n++)
		if (processes[n].pid == processes[i].pid)
			return false;
	return true;
}

/* All of the run has a place behind those of the scopes. */
static struct profile *open_whole(const struct check *c, struct check_trace *t,
				  struct err *err)
{
	struct profile **p = &t->profiles[c->rules->scope_count];

	*p = open_part(c, t, NULL, NULL, err);
	return *p;
}

static int judge_limit(struct check_trace *t, const struct check *c,
		       const struct check_limit *limit, struct err *err)
{
	struct check_result r = { .limit = limit,
				  .scope = &c->rules->scopes[limit->scope],
				  .profile = t->profiles[limit->scope] };
	size_t count;
	const struct model_process *processes =
		profile_processes(t->profile, &count);

	if (!c->per_process)
		return check_gate_put(c, t, r, err);
	for (size_t i = 0; i < count; i++) {
		r.process = &processes[i];
		if (is_last_of_pid(processes, i, count) &&
		    check_gate_put(c, t, r, err) < 0)
			return -1;
	}
	return 0;
}

static int judge_limits(struct check_trace *t, const struct check *c,
			struct err *err)
{
	const struct check_rules *rules = c->rules;

	for (size_t i = 0; i < rules->scope_count; i++) {
		if (!rules->scopes[i].limits)
			continue;
		t->profiles[i] = open_scope(c, t, i, err);
		if (!t->profiles[i])
			return -1;
	}
	for (size_t i = 0; i < rules->count; i++)
		if (judge_limit(t, c, &rules->limits[i], err) < 0)
			return -1;
	return 0;
}

/* Did it end by itself, as it should? NULL when it did. */
static char *trouble_of_end(const struct check_trace *t, int wanted)
{
	const struct trace_run *run = profile_run(t->profile);
	char text[128];

	if (run->status == -1)
		return NULL;
	if (WIFSIGNALED(run->status)) {
		snprintf(text, sizeof(text),
			 "the program was killed by signal %d (%s)",
			 WTERMSIG(run->status),
			 strsignal(WTERMSIG(run->status)));
		return xstrdup(text);
	}
	if (wanted < 0 || WEXITSTATUS(run->status) == wanted)
		return NULL;
	snprintf(text, sizeof(text),
		 "the program exited with %d (--expect-status says what it "
		 "should)",
		 WEXITSTATUS(run->status));
	return xstrdup(text);
}

void check_gate_judge(struct check *c, struct check_trace *t)
{
	struct err err = { "" };

	t->ruling = QUERY_KEPT;
	t->profiles =
		xcalloc(c->rules->scope_count + 1, sizeof(struct profile *));
	t->profile = open_whole(c, t, &err);
	if (!t->profile || judge_limits(t, c, &err) < 0 ||
	    (c->baseline && check_compare(c, t, &err) < 0))
		t->trouble = xstrdup(err.text);
	else
		t->trouble = trouble_of_end(t, c->status);
	if (!t->trouble && !t->count && (c->rules->count || c->baseline))
		t->trouble = xstrdup("there was nothing to judge");
	if (t->trouble)
		t->ruling = worse(t->ruling, QUERY_UNKNOWN);
	c->ruling = worse(c->ruling, t->ruling);
}

static void close_profiles(const struct check_trace *t, size_t count)
{
	for (size_t i = 0; t->profiles && i < count; i++) {
		bool is_first = true;

		for (size_t n = 0; n < i; n++)
			is_first &= t->profiles[n] != t->profiles[i];
		if (is_first)
			profile_close(t->profiles[i]);
	}
}

void check_gate_release(struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct check_trace *t = &c->traces[i];

		close_profiles(t, c->rules->scope_count + 1);
		check_compare_release(t);
		free(t->profiles);
		free(t->results);
		free(t->trouble);
	}
	free(c->traces);
}
