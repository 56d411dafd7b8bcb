/*
 * activity - when functions were at work, as far as allocations tell.
 *
 * The trace has no times of calls. A thread is in a function from the first
 * allocation that passes through it up to the last before the thread allocates
 * elsewhere: a *stay*. Which of the chosen functions a stack passes through is
 * a bit each, that a node of the trace has from its parent, so an event costs
 * as much as there are functions that begin or end with it.
 *
 * Stays that are nearer than could be seen in a plot are one.
 */
#include "analyzer/query.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/held.h"
#include "analyzer/profile.h"
#include "analyzer/target.h"
#include "trace/xmalloc.h"

enum {
	CHOSEN_MAX = 64,
	USUAL = 8, /* functions, when nobody says which */
	PARTS = 1000, /* of the run; stays nearer than one are joined */
	NOT_CHOSEN = UINT32_MAX,
};

struct function {
	uint32_t call; /* one of it */
	uint64_t bytes; /* allocated through it */
	uint32_t site; /* charged last, + 1 */
	struct query_stay *stays;
	size_t count, room;
	uint32_t inside; /* threads */
};

/* Of a thread, at its last allocation. */
struct thread {
	uint64_t inside; /* a bit each function */
	uint64_t time, bytes;
};

struct activity {
	struct profile *profile;
	const char *const *targets;
	size_t target_count;
	int32_t pid;
	const struct model_node *nodes;
	size_t node_count, frame_count;
	uint32_t *function; /* by call: number, NOT_CHOSEN */
	struct function *functions;
	size_t room;
	uint32_t count;
	struct lookup lookup;
	uint64_t *passes; /* by node */
	struct thread *threads; /* and one unknown */
	struct held held;
	uint64_t grain;
};

/*
 * Which functions
 */

static bool is_function(const void *owner, uint32_t item, const void *key)
{
	const struct activity *a = owner;
	const struct query_frame *x =
		calls_frame(a->profile->calls, a->functions[item].call);
	const struct query_frame *y = key;

	return x->function == y->function && x->file == y->file &&
	       x->module == y->module;
}

static uint32_t number_of(struct activity *a, uint32_t call)
{
	const struct query_frame *f = calls_frame(a->profile->calls, call);
	uint32_t hash =
		lookup_hash_numbers((uintptr_t)f->function, (uintptr_t)f->file);
	uint32_t found = lookup_find(&a->lookup, hash, is_function, a, f);

	if (found != LOOKUP_NONE)
		return found;
	a->functions = xgrow(a->functions, &a->room, (size_t)a->count + 1,
			     sizeof(*a->functions));
	a->functions[a->count] = (struct function){ .call = call };
	lookup_add(&a->lookup, hash, a->count);
	return a->count++;
}

static bool is_target(const struct activity *a, const struct query_frame *f)
{
	for (size_t i = 0; i < a->target_count; i++)
		if (f->python ? target_is_python(a->targets[i], f->module,
						 f->function)
			      : target_is_function(a->targets[i], f->function))
			return true;
	return false;
}

/* Of the program itself, and not what all of it is in. */
static bool is_usual(const struct activity *a, uint32_t call)
{
	const struct profile *p = a->profile;
	const struct query_frame *f = calls_frame(p->calls, call);
	const struct script *s;

	if (!f->python)
		return !scripts_exist(p->scripts) && f->line && !f->wrapper &&
		       strcmp(f->function, "main") != 0;
	s = scripts_code(p->scripts, (uint32_t)calls_code(p->calls, call));
	return !s->is_library && f->file && f->file[0] != '<' &&
	       strcmp(f->function, "<module>") != 0;
}

static bool is_candidate(const struct activity *a, uint32_t call)
{
	const struct query_frame *f = calls_frame(a->profile->calls, call);

	if (!f->function || calls_is_mark(a->profile->calls, call))
		return false;
	return a->target_count ? is_target(a, f) : is_usual(a, call);
}

/* Names of the interpreter's functions are read only if they may be meant. */
static bool is_looked_at(const struct activity *a, uint32_t frame)
{
	const struct calls *calls = a->profile->calls;

	return !scripts_exist(a->profile->scripts) || a->target_count ||
	       calls_in_python(calls, frame);
}

static void list_functions(struct activity *a)
{
	struct calls *calls = a->profile->calls;
	uint32_t count;

	for (uint32_t i = 0; i < a->frame_count; i++)
		if (is_looked_at(a, i))
			calls_list(calls, i);
	count = calls_count(calls);
	a->function = xcalloc((size_t)count + 1, sizeof(*a->function));
	for (uint32_t i = 0; i < count; i++)
		a->function[i] =
			is_candidate(a, i) ? number_of(a, i) : NOT_CHOSEN;
}

static void charge_stack(struct activity *a, uint32_t site)
{
	uint32_t node = a->profile->sites[site].node;
	const struct calls_list *l;

	for (; node; node = a->nodes[node].parent) {
		if (!is_looked_at(a, a->nodes[node].frame))
			continue;
		l = calls_list(a->profile->calls, a->nodes[node].frame);
		for (uint32_t i = 0; i < l->count; i++) {
			uint32_t number = a->function[l->calls[i]];
			struct function *f = &a->functions[number];

			if (number == NOT_CHOSEN || f->site == site + 1)
				continue;
			f->site = site + 1;
			f->bytes += a->profile->stats[site].bytes;
		}
	}
}

static bool counts(const struct activity *a, uint32_t site)
{
	const struct profile *p = a->profile;

	return p->sites[site].kind == MODEL_HEAP &&
	       profile_is_of(p, site, a->pid);
}

static int compare_bytes(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->call < y->call ? -1 : x->call > y->call;
}

/* The largest come first, and the rest is dropped. */
static void choose(struct activity *a)
{
	const struct profile *p = a->profile;
	uint32_t most = a->target_count ? CHOSEN_MAX : USUAL, count = 0;
	uint32_t calls = calls_count(p->calls);
	uint32_t *rank;

	for (uint32_t i = 0; i < p->site_count; i++)
		if (counts(a, i))
			charge_stack(a, i);
	rank = xcalloc((size_t)a->count + 1, sizeof(*rank));
	/* Where each was, told by the site that is not needed any more. */
	for (uint32_t i = 0; i < a->count; i++)
		a->functions[i].site = i;
	if (a->count)
		qsort(a->functions, a->count, sizeof(*a->functions),
		      compare_bytes);
	while (count < a->count && count < most && a->functions[count].bytes)
		count++;
	for (uint32_t i = 0; i < a->count; i++)
		rank[a->functions[i].site] = i < count ? i : NOT_CHOSEN;
	for (uint32_t i = 0; i < calls; i++)
		if (a->function[i] != NOT_CHOSEN)
			a->function[i] = rank[a->function[i]];
	a->count = count;
	free(rank);
}

static void find_passes(struct activity *a)
{
	a->passes = xcalloc(a->node_count + 1, sizeof(*a->passes));
	/* The reader has checked that parents come first. */
	for (uint32_t i = 1; i < a->node_count; i++) {
		const struct model_node *n = &a->nodes[i];
		const struct calls_list *l;

		a->passes[i] = a->passes[n->parent];
		if (!is_looked_at(a, n->frame))
			continue;
		l = calls_list(a->profile->calls, n->frame);
		for (uint32_t j = 0; j < l->count; j++)
			if (a->function[l->calls[j]] != NOT_CHOSEN)
				a->passes[i] |= 1ULL
						<< a->function[l->calls[j]];
	}
}

/*
 * When
 */

static uint64_t live(const struct activity *a, uint32_t site)
{
	return a->pid ? held_of(&a->held, site) : a->held.total;
}

static void enter(struct activity *a, struct function *f, uint64_t time,
		  uint64_t bytes)
{
	struct query_stay *last = f->count ? &f->stays[f->count - 1] : NULL;

	if (f->inside++ || (last && time - last->to <= a->grain))
		return;
	f->stays = xgrow(f->stays, &f->room, f->count + 1, sizeof(*f->stays));
	f->stays[f->count++] = (struct query_stay){
		.from = time, .to = time, .from_bytes = bytes, .to_bytes = bytes
	};
}

static void leave(struct function *f, const struct thread *t)
{
	struct query_stay *last = &f->stays[f->count - 1];

	f->inside--;
	if (t->time < last->to)
		return;
	last->to = t->time;
	last->to_bytes = t->bytes;
}

static void allocate(struct activity *a, const struct model_event *e)
{
	const struct profile *p = a->profile;
	uint32_t node = p->sites[e->site].node;
	uint32_t number = stacks_thread(p->stacks, node);
	struct thread *t =
		&a->threads[number < p->thread_count ? number
						     : p->thread_count];
	uint64_t now = a->passes[node], changed = t->inside ^ now;
	uint64_t before = live(a, e->site);

	held_begin(&a->held, e);
	for (uint32_t i = 0; changed; i++, changed >>= 1) {
		if (!(changed & 1))
			continue;
		if (now >> i & 1)
			enter(a, &a->functions[i], e->time, before);
		else
			leave(&a->functions[i], t);
	}
	*t = (struct thread){ .inside = now,
			      .time = e->time,
			      .bytes = live(a, e->site) };
}

static void follow_event(struct activity *a, const struct model_event *e)
{
	switch (e->kind) {
	case MODEL_EVENT_REALLOC:
		held_end(&a->held, e);
		/* fall through */
	case MODEL_EVENT_ALLOC:
		if (counts(a, e->site))
			allocate(a, e);
		else
			held_begin(&a->held, e);
		break;
	case MODEL_EVENT_FREE:
	case MODEL_EVENT_FREE_TEMPORARY:
		held_end(&a->held, e);
		break;
	case MODEL_EVENT_EXIT:
		held_exit(&a->held, e->site);
		break;
	default:
		break;
	}
}

static int follow(struct activity *a, struct err *err)
{
	struct trace_events *events;
	struct model_event e;
	int got;

	if (held_init(&a->held, a->profile, err) < 0)
		return -1;
	events = trace_events_open(a->profile->trace);
	while ((got = trace_events_next(events, &e, err)) > 0)
		follow_event(a, &e);
	for (size_t i = 0; i <= a->profile->thread_count; i++)
		for (uint32_t j = 0; j < a->count; j++)
			if (a->threads[i].inside >> j & 1)
				leave(&a->functions[j], &a->threads[i]);
	trace_events_close(events);
	return got;
}

static struct query_activity show(struct profile *p, const struct function *f)
{
	struct query_stay *stays =
		arena_alloc(&p->arena, f->count + 1, sizeof(*stays));
	struct query_activity out = { .frame = *calls_frame(p->calls, f->call),
				      .allocated = f->bytes,
				      .stays = stays,
				      .count = f->count };

	if (f->count)
		memcpy(stays, f->stays, f->count * sizeof(*stays));
	out.frame.line = 0;
	for (size_t i = 0; i < f->count; i++)
		out.inside += stays[i].to - stays[i].from;
	return out;
}

static const struct query_activities *show_all(const struct activity *a)
{
	struct arena *arena = &a->profile->arena;
	struct query_activities *r = arena_alloc(arena, 1, sizeof(*r));
	struct query_activity *items =
		arena_alloc(arena, (size_t)a->count + 1, sizeof(*items));

	for (uint32_t i = 0; i < a->count; i++)
		items[i] = show(a->profile, &a->functions[i]);
	r->items = items;
	r->count = a->count;
	return r;
}

static void release(struct activity *a)
{
	for (uint32_t i = 0; i < a->count; i++)
		free(a->functions[i].stays);
	lookup_release(&a->lookup);
	held_release(&a->held);
	free(a->function);
	free(a->functions);
	free(a->passes);
	free(a->threads);
}

const struct query_activities *
profile_activities(struct profile *p, const struct query_activity_options *o,
		   struct err *err)
{
	struct activity a = { .profile = p,
			      .targets = o->targets,
			      .target_count = o->count,
			      .pid = o->pid,
			      .grain = trace_run(p->trace)->duration / PARTS };
	const struct query_activities *r = NULL;

	a.nodes = trace_nodes(p->trace, &a.node_count);
	trace_frames(p->trace, &a.frame_count);
	lookup_init(&a.lookup);
	list_functions(&a);
	choose(&a);
	find_passes(&a);
	a.threads = xcalloc(p->thread_count + 1, sizeof(*a.threads));
	if (!a.count)
		err_set(err, o->count ? "nothing was allocated through such "
					"a function"
				      : "no function of the program is known");
	else if (follow(&a, err) == 0)
		r = show_all(&a);
	release(&a);
	return r;
}
