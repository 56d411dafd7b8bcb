/*
 * Design
 * ------
 * Whether a condition is about a block may show only when it ends. So each
 * block is judged twice. When it begins: would it count if it never ended? Then
 * it is counted as alive. When it ends: would it have counted so, and does it
 * count now? Where the two differ, the count is mended. So nothing has to be
 * kept of a block but its beginning, and that follows from its number.
 *
 * The peak is the first event after which the heap is as large as it ever was.
 * What is counted as alive then is the share, and is mended likewise when a
 * block ends that began before.
 *
 * Blocks that realloc made are in a table by number, with the length of their
 * chain and the bytes copied for them.
 */
#include "analyzer/fates.h"

#include <stdlib.h>

#include "analyzer/births.h"
#include "trace/instant.h"
#include "trace/live.h"
#include "trace/xmalloc.h"

enum {
	CHAIN_BITS = 30, /* of an entry's site; above it: moved */
	CHAIN_MAX = (1 << CHAIN_BITS) - 1,
	GRAIN_BITS = 4, /* neighbours of live.h */
	NUMBER_BITS = 48 - GRAIN_BITS,
};

#define COPIED_MAX ((1ULL << 48) - 1)

struct follower {
	const struct fates *f;
	struct births births;
	struct live grown; /* by number of block */
	uint32_t *process; /* by site */
	uint64_t *live_bytes, *live_blocks; /* by process */
	uint64_t *open; /* by site: blocks that live and count */
	bool *is_dead; /* by process */
	uint64_t bytes, blocks; /* alive in all */
	struct model_peak peak;
	bool is_past_peak;
	uint64_t begun, begun_at_peak; /* blocks */
	uint64_t time; /* ns */
};

/* One block, as the condition sees it. */
struct view {
	struct follower *follower;
	uint32_t site;
	uint64_t size, time, lifetime;
	bool is_live, is_temporary;
};

static enum where_answer ask(void *context, const struct where_test *test)
{
	const struct view *v = context;
	uint64_t value;

	switch (test->field) {
	case WHERE_SIZE:
		value = v->size;
		break;
	case WHERE_TIME:
		value = v->time;
		break;
	case WHERE_LIFETIME:
		value = v->lifetime;
		break;
	case WHERE_LIVE:
		value = v->is_live;
		break;
	case WHERE_TEMPORARY:
		value = v->is_temporary;
		break;
	default:
		return where_sites_ask(v->follower->f->sites, v->site, test);
	}
	return where_fits_number(test, value) ? WHERE_YES : WHERE_NO;
}

static bool counts(const struct view *v)
{
	const struct fates *f = v->follower->f;

	if (f->decided[v->site] != WHERE_MAYBE)
		return f->decided[v->site] == WHERE_YES;
	return where_evaluate(f->where, ask, (void *)v) == WHERE_YES;
}

static struct view view_of_living(struct follower *w, uint32_t site,
				  uint64_t size, uint64_t time)
{
	return (struct view){ .follower = w,
			      .site = site,
			      .size = size,
			      .time = time,
			      .lifetime = UINT64_MAX,
			      .is_live = true };
}

/*
 * Growth
 */

static uint64_t key_of(uint64_t block)
{
	return ((block + 1) & ((1ULL << NUMBER_BITS) - 1)) << GRAIN_BITS;
}

/* A block that realloc made counts (sign 1) or does not count (-1). */
static void add_growth(const struct fates *f, uint32_t site,
		       struct live_block grown, uint64_t sign)
{
	struct fates_growth *g = &f->growth[site];

	g->moved += sign * (grown.site >> CHAIN_BITS & 1);
	g->copied_bytes += sign * grown.number;
}

/* It is the last of its chain, as far as is known, or is not any more. */
static void add_chain(const struct fates *f, uint32_t site,
		      struct live_block grown, uint64_t sign)
{
	struct fates_growth *g = &f->growth[site];
	uint64_t steps = grown.site & CHAIN_MAX;

	g->chains += sign;
	g->steps += sign * steps;
	if (sign == 1 && steps > g->steps_max)
		g->steps_max = steps;
}

static void begin_grown(struct follower *w, const struct model_event *e,
			struct live_block old, bool counted)
{
	uint64_t copied = e->old_size < e->size ? e->old_size : e->size;
	uint32_t chain = old.site & CHAIN_MAX;
	struct live_block grown = {
		.site = (chain < CHAIN_MAX ? chain + 1 : chain) |
			(uint32_t)e->moved << CHAIN_BITS,
	};

	if (e->moved)
		grown.number = copied < COPIED_MAX ? copied : COPIED_MAX;
	live_put(&w->grown, key_of(e->block), grown, &old);
	if (!counted || !w->f->growth)
		return;
	add_growth(w->f, e->site, grown, 1);
	add_chain(w->f, e->site, grown, 1);
}

/*
 * Lifetimes: what a block lived is the time of its end less that of its
 * beginning, and the two may be added at different times.
 */

static void open_life(struct follower *w, uint32_t site, uint64_t time,
		      uint64_t sign)
{
	if (!w->f->lived)
		return;
	w->f->lived[site] -= sign * time;
	w->open[site] += sign;
}

static void close_life(struct follower *w, uint32_t site, uint64_t blocks)
{
	if (!w->f->lived)
		return;
	w->f->lived[site] += blocks * w->time;
	w->open[site] -= blocks;
}

/*
 * Blocks
 */

/* Is it of the part of the run that is asked about? */
static bool is_wanted(const struct follower *w, uint64_t block)
{
	const struct range *range = w->f->profile->range;

	return !range || range_has(range, block);
}

/* Does it count, for now? */
static bool begin(struct follower *w, const struct model_event *e)
{
	const struct fates *f = w->f;
	uint64_t time = births_add(&w->births, e->block, e->time);
	struct view v = view_of_living(w, e->site, e->size, time);
	struct model_stats *s = &f->stats[e->site];
	uint32_t process = w->process[e->site];

	w->begun = e->block + 1;
	if (!is_wanted(w, e->block))
		return false;
	w->bytes += e->size;
	w->blocks++;
	w->live_bytes[process] += e->size;
	w->live_blocks[process]++;
	if (!counts(&v))
		return false;
	open_life(w, e->site, time, 1);
	if (f->decided[e->site] != WHERE_MAYBE)
		return true;
	if (e->kind == MODEL_EVENT_REALLOC)
		s->moved_in++;
	else
		s->allocs++;
	s->bytes += e->size;
	return true;
}

struct ending {
	uint64_t block;
	bool is_moved; /* by realloc */
	bool was_grown; /* begun by realloc, and */
	struct live_block grown;
};

/* It was counted as alive in error (sign -1), or should have been (1). */
static void mend_begin(struct follower *w, const struct view *v,
		       const struct ending *end, uint64_t sign)
{
	struct model_stats *s = &w->f->stats[v->site];

	*(end->was_grown ? &s->moved_in : &s->allocs) += sign;
	s->bytes += sign * v->size;
	open_life(w, v->site, v->time, sign);
	if (w->is_past_peak && end->block < w->begun_at_peak) {
		s->peak_blocks += sign;
		s->peak_bytes += sign * v->size;
	}
	if (!w->f->growth || !end->was_grown)
		return;
	add_growth(w->f, v->site, end->grown, sign);
	add_chain(w->f, v->site, end->grown, sign);
}

static void end_maybe(struct follower *w, const struct view *v,
		      const struct ending *end, bool is)
{
	struct view living = view_of_living(w, v->site, v->size, v->time);
	struct model_stats *s = &w->f->stats[v->site];
	bool was = counts(&living);

	if (was != is)
		mend_begin(w, v, end, is ? 1 : (uint64_t)-1);
	if (!is)
		return;
	*(end->is_moved ? &s->moved_out : &s->frees) += 1;
	s->freed_bytes += v->size;
	s->temporary += v->is_temporary;
}

static void end(struct follower *w, struct view *v, const struct ending *end)
{
	const struct fates *f = w->f;
	uint32_t process = w->process[v->site];
	bool is;

	if (!is_wanted(w, end->block))
		return;
	w->bytes -= v->size;
	w->blocks--;
	w->live_bytes[process] -= v->size;
	w->live_blocks[process]--;
	v->time = births_time(&w->births, end->block);
	v->lifetime = w->time > v->time ? w->time - v->time : 0;
	is = counts(v);
	if (f->decided[v->site] == WHERE_MAYBE)
		end_maybe(w, v, end, is);
	if (!is)
		return;
	close_life(w, v->site, 1);
	if (f->lifetimes)
		sketch_add(&f->lifetimes[v->site], v->lifetime);
	if (f->growth && end->was_grown && end->is_moved)
		add_chain(f, v->site, end->grown, (uint64_t)-1);
}

static void end_free(struct follower *w, const struct model_event *e)
{
	struct view v = { .follower = w,
			  .site = e->site,
			  .size = e->size,
			  .is_temporary =
				  e->kind == MODEL_EVENT_FREE_TEMPORARY };
	struct ending x = { .block = e->block };

	x.was_grown = live_take(&w->grown, key_of(e->block), &x.grown);
	end(w, &v, &x);
}

static void move(struct follower *w, const struct model_event *e)
{
	struct view v = { .follower = w,
			  .site = e->old_site,
			  .size = e->old_size };
	struct ending x = { .block = e->old, .is_moved = true };
	bool counted;

	if (e->old_site != MODEL_NO_SITE) {
		x.was_grown = live_take(&w->grown, key_of(e->old), &x.grown);
		end(w, &v, &x);
	}
	counted = begin(w, e);
	begin_grown(w, e, x.grown, counted);
}

static void exit_process(struct follower *w, uint32_t process)
{
	w->bytes -= w->live_bytes[process];
	w->blocks -= w->live_blocks[process];
	w->live_bytes[process] = w->live_blocks[process] = 0;
	w->is_dead[process] = true;
}

static void note_peak(struct follower *w)
{
	const struct fates *f = w->f;

	if (w->is_past_peak || w->bytes != w->peak.bytes ||
	    w->blocks != w->peak.blocks)
		return;
	w->is_past_peak = true;
	w->begun_at_peak = w->begun;
	for (size_t i = 0; i < f->profile->site_count; i++) {
		struct model_stats *s = &f->stats[i];

		if (f->decided[i] != WHERE_MAYBE || w->is_dead[w->process[i]])
			continue;
		s->peak_blocks = model_live_blocks(s);
		s->peak_bytes = model_live_bytes(s);
	}
}

static void follow_event(struct follower *w, const struct model_event *e)
{
	w->time = e->time;
	switch (e->kind) {
	case MODEL_EVENT_ALLOC:
		begin(w, e);
		break;
	case MODEL_EVENT_FREE:
	case MODEL_EVENT_FREE_TEMPORARY:
		end_free(w, e);
		break;
	case MODEL_EVENT_REALLOC:
		move(w, e);
		break;
	case MODEL_EVENT_EXIT:
		exit_process(w, e->site);
		break;
	default:
		return;
	}
	note_peak(w);
}

/* At an instant before the end, what died with its process is gone. */
static void finish(struct follower *w)
{
	const struct fates *f = w->f;

	for (size_t i = 0; i < f->profile->site_count; i++) {
		struct model_stats *s = &f->stats[i];

		close_life(w, (uint32_t)i, w->open[i]);
		if (f->decided[i] != WHERE_MAYBE || f->profile->is_end ||
		    !w->is_dead[w->process[i]])
			continue;
		s->frees += model_live_blocks(s);
		s->freed_bytes = s->bytes;
	}
}

static void start(struct follower *w)
{
	const struct profile *p = w->f->profile;
	size_t processes = p->process_count + 1; /* and one unknown */

	births_init(&w->births, trace_run(p->trace)->duration);
	w->process = xreallocarray(NULL, p->site_count, sizeof(*w->process));
	for (size_t i = 0; i < p->site_count; i++) {
		w->process[i] = profile_process_of(p, i);
		if (w->process[i] > p->process_count)
			w->process[i] = (uint32_t)p->process_count;
	}
	w->live_bytes = xcalloc(processes, sizeof(*w->live_bytes));
	w->live_blocks = xcalloc(processes, sizeof(*w->live_blocks));
	w->open = xcalloc(p->site_count + 1, sizeof(*w->open));
	w->is_dead = xcalloc(processes, sizeof(*w->is_dead));
	w->peak = *profile_peak(p, MODEL_HEAP);
}

static void release(struct follower *w)
{
	births_release(&w->births);
	live_release(&w->grown);
	free(w->process);
	free(w->live_bytes);
	free(w->live_blocks);
	free(w->open);
	free(w->is_dead);
}

int fates_follow(const struct fates *f, struct err *err)
{
	const struct profile *p = f->profile;
	uint64_t left = p->is_end ? UINT64_MAX : instant_event(p->at);
	struct trace_events *events = trace_events_open(p->trace);
	struct follower w = { .f = f };
	struct model_event e;
	int got = 1;

	start(&w);
	while (left-- && (got = trace_events_next(events, &e, err)) > 0)
		follow_event(&w, &e);
	finish(&w);
	release(&w);
	trace_events_close(events);
	return got < 0 ? -1 : 0;
}
