/*
 * Design
 * ------
 * A thread's stay at a line is a *visit*. Blocks are numbered in the order they
 * are begun, so whether one was begun in a visit that goes on follows from its
 * number, and nothing has to be kept of a block.
 *
 * A visit ends with the next allocation of its thread that does not pass
 * through the same line of the function. Most allocations are at the site of
 * the one before, and end none.
 */
#include "analyzer/usage.h"

#include <stdlib.h>

#include "analyzer/held.h"
#include "trace/instant.h"
#include "trace/xmalloc.h"

struct pass {
	uint32_t listing, cell;
};

struct visit {
	bool is_on;
	uint32_t cell;
	uint64_t first; /* block */
	int64_t grown; /* bytes */
	int64_t settled; /* the same, at its last allocation */
};

struct thread {
	struct visit *visits; /* by listing; NULL none yet */
	uint32_t *on; /* listings that have one */
	size_t count, room;
	uint32_t site; /* of its last allocation, + 1 */
};

struct usage {
	struct profile *profile;
	struct pass *passes;
	size_t pass_count, pass_room;
	size_t *first; /* by site: in passes; and one behind */
	uint32_t filled; /* entries of `first` */
	struct usage_figures *cells;
	size_t cell_room;
	uint32_t cell_count;
	uint64_t *before; /* by listing; UINT64_MAX nothing yet */
	uint32_t listing_count;
	struct thread *threads; /* and one unknown */
	struct held held;
	uint32_t *thread; /* by site */
};

struct usage *usage_open(struct profile *p)
{
	struct usage *u = xcalloc(1, sizeof(*u));

	u->profile = p;
	u->first = xcalloc(p->site_count + 1, sizeof(*u->first));
	return u;
}

static void close_threads(struct usage *u)
{
	for (size_t i = 0; u->threads && i <= u->profile->thread_count; i++) {
		free(u->threads[i].visits);
		free(u->threads[i].on);
	}
	free(u->threads);
}

void usage_close(struct usage *u)
{
	if (!u)
		return;
	close_threads(u);
	free(u->passes);
	free(u->first);
	free(u->cells);
	free(u->before);
	held_release(&u->held);
	free(u->thread);
	free(u);
}

uint32_t usage_cell(struct usage *u)
{
	u->cells = xgrow(u->cells, &u->cell_room, (size_t)u->cell_count + 1,
			 sizeof(*u->cells));
	u->cells[u->cell_count] = (struct usage_figures){ 0 };
	return u->cell_count++;
}

/* Sites up to `site` have no more passes than there are. */
static void fill(struct usage *u, uint32_t site)
{
	while (u->filled < site)
		u->first[++u->filled] = u->pass_count;
}

void usage_pass(struct usage *u, uint32_t site, uint32_t listing, uint32_t cell)
{
	fill(u, site);
	u->passes = xgrow(u->passes, &u->pass_room, u->pass_count + 1,
			  sizeof(*u->passes));
	u->passes[u->pass_count++] =
		(struct pass){ .listing = listing, .cell = cell };
	if (listing >= u->listing_count)
		u->listing_count = listing + 1;
}

static int64_t bytes_of(const struct usage *u, uint64_t size)
{
	return (int64_t)held_weigh(&u->held, size);
}

static bool is_wanted(const struct usage *u, uint64_t block)
{
	const struct range *range = u->profile->range;

	return block != MODEL_NO_BLOCK && (!range || range_has(range, block));
}

static bool passes(const struct usage *u, uint32_t site, uint32_t cell)
{
	for (size_t i = u->first[site]; i < u->first[site + 1]; i++)
		if (u->passes[i].cell == cell)
			return true;
	return false;
}

static void end_visit(struct usage *u, struct visit *v)
{
	u->cells[v->cell].increment += v->settled;
	v->is_on = false;
}

/* The thread allocates at `site`: what does not go through there is left. */
static void go_to(struct usage *u, struct thread *t, uint32_t site)
{
	size_t kept = 0;

	if (t->site == site + 1)
		return;
	t->site = site + 1;
	for (size_t i = 0; i < t->count; i++) {
		struct visit *v = &t->visits[t->on[i]];

		if (passes(u, site, v->cell))
			t->on[kept++] = t->on[i];
		else
			end_visit(u, v);
	}
	t->count = kept;
}

static struct visit *visit_of(struct usage *u, struct thread *t,
			      const struct pass *p, uint64_t block)
{
	struct visit *v;

	if (!t->visits)
		t->visits = xcalloc(u->listing_count, sizeof(*t->visits));
	v = &t->visits[p->listing];
	if (v->is_on)
		return v;
	*v = (struct visit){ .is_on = true, .cell = p->cell, .first = block };
	t->on = xgrow(t->on, &t->room, t->count + 1, sizeof(*t->on));
	t->on[t->count++] = p->listing;
	return v;
}

/* The visit that goes on and in which the block was begun, NULL none. */
static struct visit *visit_with(const struct usage *u, uint32_t site,
				const struct pass *p, uint64_t block)
{
	const struct thread *t = &u->threads[u->thread[site]];
	struct visit *v = t->visits ? &t->visits[p->listing] : NULL;

	return v && v->is_on && v->cell == p->cell && block >= v->first ? v
									: NULL;
}

static void end(struct usage *u, uint32_t site, uint64_t size, uint64_t block)
{
	struct visit *v;

	if (!is_wanted(u, block))
		return;
	for (size_t i = u->first[site]; i < u->first[site + 1]; i++) {
		v = visit_with(u, site, &u->passes[i], block);
		if (v)
			v->grown -= bytes_of(u, size);
	}
}

/* Of a block that realloc made, what it took from another line's. */
static int64_t taken(const struct usage *u, const struct model_event *e,
		     uint32_t listing)
{
	if (e->kind != MODEL_EVENT_REALLOC || e->old_site == MODEL_NO_SITE ||
	    !is_wanted(u, e->old))
		return 0;
	for (size_t i = u->first[e->old_site]; i < u->first[e->old_site + 1];
	     i++)
		if (u->passes[i].listing == listing &&
		    visit_with(u, e->old_site, &u->passes[i], e->old))
			return 0;
	return bytes_of(u, e->old_size);
}

static void begin(struct usage *u, const struct model_event *e, uint64_t before)
{
	struct thread *t = &u->threads[u->thread[e->site]];
	uint64_t live;
	struct visit *v;

	held_begin(&u->held, e);
	live = held_of(&u->held, e->site);
	go_to(u, t, e->site);
	for (size_t i = u->first[e->site]; i < u->first[e->site + 1]; i++) {
		const struct pass *p = &u->passes[i];
		int64_t other = taken(u, e, p->listing);

		v = visit_of(u, t, p, e->block);
		if (!is_wanted(u, e->block))
			continue;
		v->grown += bytes_of(u, e->size) - other;
		v->settled = v->grown;
		if (u->before[p->listing] == UINT64_MAX)
			u->before[p->listing] = before;
		if (live > u->cells[p->cell].usage)
			u->cells[p->cell].usage = live;
	}
}

static void move(struct usage *u, const struct model_event *e)
{
	uint64_t before = held_of(&u->held, e->site);

	held_end(&u->held, e);
	if (e->old_site != MODEL_NO_SITE)
		end(u, e->old_site, e->old_size, e->old);
	begin(u, e, before);
}

static void follow_event(struct usage *u, const struct model_event *e)
{
	switch (e->kind) {
	case MODEL_EVENT_ALLOC:
		begin(u, e, held_of(&u->held, e->site));
		break;
	case MODEL_EVENT_REALLOC:
		move(u, e);
		break;
	case MODEL_EVENT_FREE:
	case MODEL_EVENT_FREE_TEMPORARY:
		held_end(&u->held, e);
		end(u, e->site, e->size, e->block);
		break;
	case MODEL_EVENT_EXIT:
		held_exit(&u->held, e->site);
		break;
	default:
		break;
	}
}

static void start(struct usage *u)
{
	const struct profile *p = u->profile;

	fill(u, (uint32_t)p->site_count);
	u->threads = xcalloc(p->thread_count + 1, sizeof(*u->threads));
	u->thread = xcalloc(p->site_count + 1, sizeof(*u->thread));
	u->before = xcalloc((size_t)u->listing_count + 1, sizeof(*u->before));
	for (uint32_t i = 0; i < u->listing_count; i++)
		u->before[i] = UINT64_MAX;
	for (size_t i = 0; i < p->site_count; i++) {
		uint32_t thread = stacks_thread(p->stacks, p->sites[i].node);

		u->thread[i] = thread < p->thread_count
				       ? thread
				       : (uint32_t)p->thread_count;
	}
}

static void finish(struct usage *u)
{
	for (size_t i = 0; i <= u->profile->thread_count; i++) {
		struct thread *t = &u->threads[i];

		for (size_t j = 0; j < t->count; j++)
			end_visit(u, &t->visits[t->on[j]]);
	}
}

int usage_follow(struct usage *u, struct err *err)
{
	const struct profile *p = u->profile;
	uint64_t left = p->is_end ? UINT64_MAX : instant_event(p->at);
	struct trace_events *events;
	struct model_event e;
	int got = 1;

	start(u);
	if (held_init(&u->held, u->profile, err) < 0)
		return -1;
	events = trace_events_open(p->trace);
	while (left-- && (got = trace_events_next(events, &e, err)) > 0)
		follow_event(u, &e);
	finish(u);
	trace_events_close(events);
	return got < 0 ? -1 : 0;
}

struct usage_figures usage_of(const struct usage *u, uint32_t cell)
{
	return u->cells[cell];
}

uint64_t usage_before(const struct usage *u, uint32_t listing)
{
	if (listing >= u->listing_count || u->before[listing] == UINT64_MAX)
		return 0;
	return u->before[listing];
}
