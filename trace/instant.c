/*
 * instant - see instant.h.
 *
 * The peak's event is found by its total: between the last checkpoint with a
 * lower peak and the next, it is the first that reaches it. A sample's peak is
 * that of an estimate, which checkpoints do not hold; there the shares tell.
 */
#include "trace/instant.h"

#include <stdlib.h>

#include "trace/replay.h"
#include "trace/walk.h"
#include "trace/xmalloc.h"

/* A checkpoint; the first entry is the start of the run, or of what was kept. */
struct base {
	size_t block; /* behind it */
	uint64_t events, time;
	uint64_t peak; /* bytes of heap */
};

struct instant {
	const struct trace *trace; /* borrowed */
	struct base *bases; /* owned */
	size_t base_count, base_capacity;
	struct blocks_loader loader;
	struct tally tally; /* what is read from checkpoints and given */
	struct replay replay;
	struct trace_events walk;
	struct model_event next; /* decoded, not added yet */
	bool has_next;
	bool is_somewhere; /* replay and walk are good */
	bool is_given; /* the tally is what replay has */
	uint64_t time;
};

/* Where to stop: before the event of that number or a later time. */
struct goal {
	uint64_t events, time;
	const struct model_peak *peak; /* or after it is reached */
};

static void add_base(struct instant *i, struct base base)
{
	i->bases = xgrow(i->bases, &i->base_capacity, i->base_count + 1,
			 sizeof(*i->bases));
	i->bases[i->base_count++] = base;
}

static void find_bases(struct instant *i)
{
	const struct trace *t = i->trace;

	if (!t->run.first_event)
		add_base(i, (struct base){ .block = 1 });
	for (size_t b = 1; b < t->blocks.count; b++) {
		const struct checkpoint *at = &i->tally.at;
		const struct base *last =
			i->base_count ? &i->bases[i->base_count - 1] : NULL;

		if (!trace_has_type(t, b, FORMAT_CHECKPOINT) ||
		    !tally_read(&i->tally, &t->blocks, b, &i->loader) ||
		    (last &&
		     (at->events < last->events || at->time < last->time)))
			continue;
		add_base(i, (struct base){
				    .block = b + 1,
				    .events = at->events,
				    .time = at->time,
				    .peak = at->total[MODEL_HEAP].peak.bytes });
	}
}

struct instant *instant_open(const struct trace *t)
{
	struct instant *i = xcalloc(1, sizeof(*i));

	i->trace = t;
	tally_init(&i->tally, &t->catalog);
	find_bases(i);
	replay_init(&i->replay, &t->catalog, t->run.sample);
	walk_start(&i->walk, t, 1, t->run.first_event);
	return i;
}

void instant_close(struct instant *i)
{
	if (!i)
		return;
	free(i->bases);
	blocks_loader_release(&i->loader);
	tally_release(&i->tally);
	replay_release(&i->replay);
	walk_release(&i->walk);
	free(i);
}

/* Begins anew behind a checkpoint. */
static int go_to(struct instant *i, const struct base *base, struct err *err)
{
	const struct trace *t = i->trace;

	tally_reset(&i->tally);
	for (size_t b = 1; b < base->block; b++)
		if (trace_has_type(t, b, FORMAT_CHECKPOINT) &&
		    !tally_read(&i->tally, &t->blocks, b, &i->loader))
			return err_set(err, "a checkpoint is damaged");
	replay_load(&i->replay, &i->tally);
	walk_release(&i->walk);
	walk_start(&i->walk, t, base->block, base->events);
	i->has_next = false;
	i->time = base->time;
	i->is_somewhere = true;
	return 0;
}

static bool has_shares(const struct instant *i)
{
	const struct model_stats *final = i->trace->sums.sites.stats;

	for (size_t n = 0; n < i->replay.sites.count; n++) {
		const struct site *s = &i->replay.sites.list[n];
		bool has = !s->dead;

		if (s->key.kind != MODEL_HEAP)
			continue;
		if (final[n].peak_bytes !=
			    (has ? model_live_bytes(&s->stats) : 0) ||
		    final[n].peak_blocks !=
			    (has ? model_live_blocks(&s->stats) : 0))
			return false;
	}
	return true;
}

static bool is_at_peak(const struct instant *i, const struct model_peak *peak)
{
	const struct sites_total *total = &i->replay.sites.total[MODEL_HEAP];

	return total->bytes == peak->bytes &&
	       (!i->trace->run.sample ||
		(total->blocks == peak->blocks && has_shares(i)));
}

/* Adds events until the goal. */
static int run_to(struct instant *i, const struct goal *goal, struct err *err)
{
	for (;;) {
		int got = i->has_next
				  ? 1
				  : trace_events_next(&i->walk, &i->next, err);

		if (got < 0)
			return -1;
		i->has_next = got;
		if (!got && !goal->peak)
			return 0;
		if (!got)
			return err_set(err, "the peak is not among the events "
					    "that can be read");
		if (instant_event(i) >= goal->events ||
		    i->next.time > goal->time)
			return 0;
		if (!replay_event(&i->replay, &i->next))
			return err_set(err, "a block of events is damaged");
		i->has_next = false;
		i->time = i->next.time;
		if (goal->peak && is_at_peak(i, goal->peak))
			return 0;
	}
}

static int seek(struct instant *i, const struct base *base,
		const struct goal *goal, struct err *err)
{
	bool goes_on = i->is_somewhere && instant_event(i) >= base->events &&
		       instant_event(i) <= goal->events &&
		       i->time <= goal->time && !goal->peak;

	i->is_given = false;
	if (!goes_on && go_to(i, base, err) < 0) {
		i->is_somewhere = false;
		return -1;
	}
	i->is_somewhere = run_to(i, goal, err) == 0;
	return i->is_somewhere ? 0 : -1;
}

/* Were the events until then left out? */
static int refuse(const struct instant *i, struct err *err)
{
	return err_set(err,
		       "the trace has no events before %.3f s: --max-size "
		       "left them out",
		       (double)i->trace->run.first_time / 1e9);
}

int instant_seek_time(struct instant *i, uint64_t ns, struct err *err)
{
	const struct goal goal = { .events = UINT64_MAX, .time = ns };
	size_t n = i->base_count;

	if (!n || ns < i->bases[0].time)
		return refuse(i, err);
	/* The first is of time 0. */
	while (i->bases[--n].time > ns)
		;
	if (seek(i, &i->bases[n], &goal, err) < 0)
		return -1;
	i->time = ns;
	return 0;
}

int instant_seek_near(struct instant *i, uint64_t ns, struct err *err)
{
	size_t n = i->base_count;

	if (!n || ns < i->bases[0].time)
		return refuse(i, err);
	while (i->bases[--n].time > ns)
		;
	/* Nearer still? */
	if (i->is_somewhere && instant_event(i) >= i->bases[n].events &&
	    i->time <= ns)
		return 0;
	i->is_given = false;
	i->is_somewhere = false;
	return go_to(i, &i->bases[n], err);
}

int instant_seek_event(struct instant *i, uint64_t events, struct err *err)
{
	const struct goal goal = { .events = events, .time = UINT64_MAX };
	size_t n = i->base_count;

	if (!n || events < i->bases[0].events)
		return refuse(i, err);
	while (i->bases[--n].events > events)
		;
	return seek(i, &i->bases[n], &goal, err);
}

int instant_seek_peak(struct instant *i, struct err *err)
{
	const struct model_peak *peak = trace_peak(i->trace, MODEL_HEAP);
	const struct goal goal = { .events = UINT64_MAX,
				   .time = UINT64_MAX,
				   .peak = peak };
	size_t n = 1;

	if (!peak->bytes)
		return instant_seek_event(i, i->trace->run.first_event, err);
	if (!i->base_count || i->bases[0].peak == peak->bytes)
		return refuse(i, err);
	while (n < i->base_count && i->bases[n].peak != peak->bytes)
		n++;
	return seek(i, &i->bases[n - 1], &goal, err);
}

const struct model_stats *instant_stats(struct instant *i)
{
	struct checkpoint_sites *to = &i->tally.sites;

	if (i->is_given)
		return to->stats;
	replay_finish(&i->replay, &i->tally);
	tally_settle(&i->tally);
	tally_bury(&i->tally);
	i->is_given = true;
	return to->stats;
}

const struct model_peak *instant_peak(const struct instant *i,
				      enum model_kind kind)
{
	return &i->replay.sites.total[kind].peak;
}

void instant_walk(const struct instant *i, struct trace_events *e)
{
	uint64_t from = instant_event(i);
	size_t n = i->base_count;

	while (i->bases[--n].events > from)
		;
	walk_start(e, i->trace, i->bases[n].block, from);
}

uint64_t instant_event(const struct instant *i)
{
	return i->walk.events - i->has_next;
}

uint64_t instant_block(const struct instant *i)
{
	bool began = i->has_next && (i->next.kind == MODEL_EVENT_ALLOC ||
				     i->next.kind == MODEL_EVENT_REALLOC);

	return i->walk.decoder.blocks - began;
}

uint64_t instant_time(const struct instant *i)
{
	return i->time;
}
