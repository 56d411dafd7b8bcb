/*
 * range - see range.h.
 */
#include "trace/range.h"

#include <stdlib.h>
#include <string.h>

#include "trace/replay.h"
#include "trace/walk.h"
#include "trace/xmalloc.h"

struct summing {
	const struct range *range;
	struct replay replay;
	uint64_t *older; /* bytes of mappings of each site from before */
	uint64_t event; /* number of the one that is added */
};

struct range_edge range_edge_at(const struct instant *i)
{
	return (struct range_edge){ .events = instant_event(i),
				    .blocks = instant_block(i),
				    .time = instant_time(i) };
}

static void note_older(struct summing *s, const struct trace *t,
		       struct instant *at)
{
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);
	const struct model_stats *stats = instant_stats(at);

	s->older = xcalloc(n, sizeof(*s->older));
	for (size_t i = 0; i < n; i++)
		if (sites[i].kind == MODEL_MAPPING)
			s->older[i] = model_live_bytes(&stats[i]);
}

static bool add_unmap(struct summing *s, const struct model_event *e)
{
	const struct model_stats *stats = &s->replay.sites.list[e->site].stats;
	struct model_event part = *e;
	uint64_t *older = &s->older[e->site];
	uint64_t taken = part.size < *older ? part.size : *older;

	*older -= taken;
	part.size -= taken;
	/* The rest may be of what was mapped behind the range. */
	if (part.size > model_live_bytes(stats))
		part.size = model_live_bytes(stats);
	part.ended = part.size && e->ended && model_live_blocks(stats);
	return !part.size || replay_event(&s->replay, &part);
}

static bool add_realloc(struct summing *s, const struct model_event *e)
{
	struct model_event part = *e;
	bool ends = e->old_site != MODEL_NO_SITE && range_has(s->range, e->old);

	if (!ends)
		part.old_site = MODEL_NO_SITE;
	if (range_has(s->range, e->block))
		return replay_event(&s->replay, &part);
	return !ends || replay_move_out(&s->replay, e);
}

static bool add(struct summing *s, const struct model_event *e)
{
	switch (e->kind) {
	case MODEL_EVENT_REALLOC:
		return add_realloc(s, e);
	case MODEL_EVENT_UNMAP:
		return add_unmap(s, e);
	case MODEL_EVENT_MAP:
		if (s->event >= s->range->to.events)
			return true;
		break;
	case MODEL_EVENT_EXIT:
		break;
	default:
		if (!range_has(s->range, e->block))
			return true;
	}
	return replay_event(&s->replay, e);
}

static int add_all(struct summing *s, struct trace_events *walk,
		   struct err *err)
{
	struct model_event e;
	int got = 1;

	for (; s->event < s->range->until; s->event++) {
		got = trace_events_next(walk, &e, err);
		if (got > 0 && !add(s, &e))
			return err_set(err, "a block of events is damaged");
		if (got <= 0)
			break;
	}
	return got < 0 ? -1 : 0;
}

static void give(struct range *r, const struct trace *t, struct summing *s)
{
	struct tally sums;

	tally_init(&sums, &t->catalog);
	replay_finish(&s->replay, &sums);
	tally_settle(&sums);
	if (!r->is_end)
		tally_bury(&sums);
	r->stats = sums.sites.stats;
	sums.sites.stats = NULL;
	tally_release(&sums);
	for (size_t k = 0; k < MODEL_KINDS; k++)
		r->peak[k] = s->replay.sites.total[k].peak;
}

int range_sum(struct range *r, const struct trace *t, struct instant *at,
	      struct err *err)
{
	struct summing s = { .range = r, .event = r->from.events };
	struct trace_events walk;
	int ret;

	if (instant_seek_event(at, r->from.events, err) < 0)
		return -1;
	note_older(&s, t, at);
	instant_walk(at, &walk);
	replay_init(&s.replay, &t->catalog, t->run.sample);
	ret = add_all(&s, &walk, err);
	if (ret == 0)
		give(r, t, &s);
	replay_release(&s.replay);
	walk_release(&walk);
	free(s.older);
	return ret;
}

void range_close(struct range *r)
{
	if (!r)
		return;
	free(r->stats);
	free(r);
}
