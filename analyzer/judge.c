/*
 * judge - is a limit kept, broken, or not to be known?
 *
 * Design
 * ------
 * What a limit is on is summed up over stacks, so that the stacks that make up
 * a sum that is too large are at hand.
 *
 * Doubt comes first: a trace that is not whole has figures of which nobody
 * knows by how much they are wrong, and a sum that is small may be small for
 * that reason. Sums that only grow are the exception when they are too large
 * already.
 */
#include "analyzer/query.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/profile.h"
#include "analyzer/suppressions.h"

enum {
	SHARES_MAX = 100, /* more is nothing to read */
};

static const char *const trust_names[QUERY_TRUSTS] = {
	[QUERY_TRUST_ANY] = "any",
	[QUERY_TRUST_COMPLETE] = "complete",
	[QUERY_TRUST_EXACT] = "exact",
};

int query_trust_from_name(const char *name)
{
	for (int i = 0; i < QUERY_TRUSTS; i++)
		if (!strcmp(trust_names[i], name))
			return i;
	return -1;
}

const char *query_trust_name(enum query_trust trust)
{
	return trust_names[trust];
}

static const char *kept_text(struct profile *p, const char *text)
{
	return arena_text(&p->arena, text, strlen(text));
}

/* A process of which not everything was seen. */
static const char *unseen_process(struct profile *p)
{
	char text[512];

	for (size_t i = 0; i < p->process_count; i++) {
		const struct model_process *m = &p->processes[i];
		const char *why = m->note ? m->note : m->limits;

		if (!why)
			continue;
		snprintf(text, sizeof(text), "process %d (%s): %s", m->pid,
			 m->name ? m->name : "?", why);
		return kept_text(p, text);
	}
	return NULL;
}

static const char *incomplete(struct profile *p, const struct query_quality *q)
{
	const char *problem = trace_problem(p->trace);
	const struct trace_run *run = trace_run(p->trace);

	if (problem)
		return problem;
	if (run->is_live)
		return "it is still being written";
	if (!q->complete)
		return q->note_count ? q->notes[0] : "events were lost";
	if (run->sample)
		return "it is a sample: what is not in it is not known";
	if (p->is_end && !p->range &&
	    !profile_totals(p, MODEL_HEAP)->allocations)
		return "no allocation was recorded";
	return unseen_process(p);
}

static const char *inexact(struct profile *p, const struct query_quality *q)
{
	for (size_t i = 0; i < p->process_count; i++)
		if (p->processes[i].origin == MODEL_ORIGIN_ATTACH)
			return "a process had run before memprof attached";
	if (q->capture.unmatched_frees)
		return "blocks were freed that the trace does not know";
	if (q->capture.unrecorded_frees)
		return "recording was off at times";
	if (q->capture.reentrant)
		return "calls from within the agent were not recorded";
	if (profile_leaks(p)->unread)
		return "some memory could not be looked at for leaks";
	if (q->capture.truncated_stacks)
		return "stacks were cut";
	return q->guessed_frames ? "frames were guessed" : NULL;
}

const char *profile_doubt(struct profile *p, enum query_trust trust)
{
	const struct query_quality *q = profile_quality(p);
	const char *why = NULL;

	if (q->capture.damaged)
		return trace_problem(p->trace) ? trace_problem(p->trace)
					       : "it is damaged";
	if (trust >= QUERY_TRUST_COMPLETE)
		why = incomplete(p, q);
	if (!why && trust >= QUERY_TRUST_EXACT)
		why = inexact(p, q);
	return why;
}

const char *profile_doubt_leaks(struct profile *p)
{
	const struct query_leaks *l = profile_leaks(p);

	return l->classified && (p->is_end || l->is_then)
		       ? NULL
		       : profile_quality(p)->leaks;
}

/* What a process had lost when it executed another program went with it. */
static const char *replaced_process(struct profile *p)
{
	const struct lost *l = &p->lost;
	char text[512];

	for (size_t i = 0; i < l->count; i++) {
		const struct model_process *m;

		if (!l->list[i]->replaced)
			continue;
		m = &p->processes[l->list[i]->process];
		snprintf(text, sizeof(text),
			 "process %d (%s) executed another program: what it "
			 "had lost by then is not known",
			 m->pid, m->name ? m->name : "?");
		return kept_text(p, text);
	}
	return NULL;
}

/* Leaks that are not told from what is alive, unless told not to care. */
static const char *doubt_of_limit(struct profile *p,
				  const struct query_limit *l)
{
	const char *why = profile_doubt(p, l->trust);

	if (!why && l->metric == QUERY_LEAKED && l->trust > QUERY_TRUST_ANY)
		why = profile_doubt_leaks(p);
	if (!why && l->metric == QUERY_LEAKED && l->trust == QUERY_TRUST_EXACT)
		why = replaced_process(p);
	return why;
}

/* Has it only grown, and no lost event could have made it less? */
static bool is_certain(struct profile *p, enum query_metric metric)
{
	return metric == QUERY_CALLS || metric == QUERY_ALLOCATED ||
	       (metric == QUERY_PEAK &&
		!profile_quality(p)->capture.lost_events);
}

static struct query_frame place_of(struct profile *p,
				   const struct query_row *row)
{
	size_t count;
	const struct query_frame *f = profile_frames(p, row, &count);

	for (size_t i = 0; i < count; i++)
		if (!f[i].wrapper)
			return f[i];
	return count ? f[0] : (struct query_frame){ .function = NULL };
}

/* Is it a leak that is known? Then it does not count. */
static bool is_known(struct profile *p, const struct query_limit *l,
		     const struct query_row *row, struct query_judgement *j)
{
	struct suppression *known;
	const struct query_frame *f;
	size_t count;

	if (l->metric != QUERY_LEAKED || !l->known)
		return false;
	f = profile_frames(p, row, &count);
	known = suppressions_find(l->known, f, count);
	if (!known)
		return false;
	suppressions_count(known, row->counts.leaked_blocks,
			   row->counts.leaked_bytes);
	j->known += row->counts.leaked_bytes;
	j->known_blocks += row->counts.leaked_blocks;
	return true;
}

static void add_shares(struct profile *p, const struct query_limit *l,
		       const struct query_result *r, struct query_judgement *j)
{
	struct query_share *shares =
		arena_alloc(&p->arena, SHARES_MAX, sizeof(*shares));

	for (size_t i = 0; i < r->count; i++) {
		const struct query_row *row = &r->rows[i];
		uint64_t value = query_metric_of(&row->counts, l->metric);

		if (!value)
			break;
		if (is_known(p, l, row, j) || j->count == SHARES_MAX)
			continue;
		shares[j->count++] = (struct query_share){
			.row = *row,
			.place = place_of(p, row),
			.value = value,
			.blocks = query_blocks_of(&row->counts, l->metric),
		};
	}
	j->shares = shares;
	j->is_empty = !r->total.calls;
	j->value = query_metric_of(&r->total, l->metric) - j->known;
	j->blocks = query_blocks_of(&r->total, l->metric) - j->known_blocks;
}

/* A stack of the line that grows, the one with most of it. */
static struct query_row stack_of(const struct query_result *stacks,
				 struct profile *p,
				 const struct query_frame *place)
{
	for (size_t i = 0; i < stacks->count; i++) {
		struct query_frame f = place_of(p, &stacks->rows[i]);

		if (f.file == place->file && f.line == place->line &&
		    f.module == place->module &&
		    (f.file || f.addr == place->addr))
			return stacks->rows[i];
	}
	return stacks->count ? stacks->rows[0]
			     : (struct query_row){ .stack = 0 };
}

static struct query_share share_of(struct profile *p,
				   const struct query_trend *t,
				   const struct query_result *stacks)
{
	return (struct query_share){
		.row = stack_of(stacks, p, &t->row.place),
		.place = t->row.place,
		.value = (uint64_t)(t->bytes + 0.5),
		.blocks = (uint64_t)(t->blocks + 0.5),
		.trend = t,
	};
}

/* Without marks enough nothing can be seen: no error, but no pass either. */
static int judge_growth(struct profile *p, const struct query_limit *l,
			struct query_judgement *j, struct err *err)
{
	struct query q = { .by = QUERY_BY_LINE,
			   .sort = QUERY_LIVE,
			   .pid = l->pid,
			   .where = l->where };
	struct query_share *shares =
		arena_alloc(&p->arena, SHARES_MAX, sizeof(*shares));
	const struct query_trends *trends = profile_trends(p, &q, l->mark, err);
	const struct query_result *stacks;

	*j = (struct query_judgement){ .ruling = QUERY_KEPT, .shares = shares };
	j->why = doubt_of_limit(p, l);
	if (!trends && !j->why)
		j->why = kept_text(p, err->text);
	if (j->why) {
		j->ruling = QUERY_UNKNOWN;
		return 0;
	}
	q.by = QUERY_BY_STACK;
	stacks = profile_query(p, &q, err);
	if (!stacks)
		return -1;
	for (size_t i = 0; i < trends->count; i++) {
		const struct query_trend *t = &trends->items[i];

		struct query_share share;

		if (t->kind != QUERY_TREND_GROWS || j->count == SHARES_MAX)
			continue;
		/* Rounded: what is less than half a byte is none. */
		share = share_of(p, t, stacks);
		if (share.value <= l->most)
			continue;
		share.iterations = trends->iterations;
		if (share.value > j->value)
			j->value = share.value;
		shares[j->count++] = share;
	}
	if (j->count)
		j->ruling = QUERY_BROKEN;
	return 0;
}

int profile_judge(struct profile *p, const struct query_limit *l,
		  struct query_judgement *j, struct err *err)
{
	struct query q = { .by = QUERY_BY_STACK,
			   .sort = l->metric,
			   .limit = l->known ? 0 : SHARES_MAX,
			   .pid = l->pid,
			   .where = l->where };
	const struct query_result *r;

	if (l->is_growth)
		return judge_growth(p, l, j, err);
	r = profile_query(p, &q, err);
	*j = (struct query_judgement){ .ruling = QUERY_KEPT };
	if (!r)
		return -1;
	if (l->known)
		suppressions_begin(l->known);
	add_shares(p, l, r, j);
	if (l->known)
		suppressions_end(l->known);
	j->why = doubt_of_limit(p, l);
	if (j->value > l->most && (!j->why || is_certain(p, l->metric)))
		j->ruling = QUERY_BROKEN;
	else if (j->why)
		j->ruling = QUERY_UNKNOWN;
	return 0;
}
