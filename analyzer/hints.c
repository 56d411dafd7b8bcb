/*
 * hints - findings in a trace, see hints.h.
 *
 * Each rule has a bar below which it says nothing, because a hint that is not
 * worth the change is worse than none. What is said to be saved is memory at the peak, or for good; work that is
 * saved (copies, calls) has a bar of its own and is put last. Bars are in parts
 * of the run's own figures, with a least size below which nobody cares.
 */
#include "analyzer/hints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "analyzer/snapshot.h"
#include "trace/xmalloc.h"

enum {
	LEAST = 256 << 10, /* bytes that are worth a hint */
	PART = 50, /* of the peak: 2 % */
	COPIED_LEAST = 1 << 20, /* bytes, and as many as were allocated there */
	STEPS_LEAST = 3, /* reallocations of a block, on average */
	LIST_STEPS = 16, /* of the longest list */
	TEMPORARY_LEAST = 100000, /* blocks, and: */
	TEMPORARY_PART = 20, /* of all calls: 5 % */
	SLICES = 10, /* parts of the run, */
	SLICES_LEAST = 9, /* in which it grows */
	LARGE_LEAST = 1000, /* blocks of more than 512 bytes, and: */
	LARGE_MIN = 513,
	LARGE_MAX = 576,
	LARGE_HEAD = 16, /* bytes that malloc needs for each */
	ARENAS_PART = 4, /* of their bytes, that is free */
	FREE_PART = 2, /* of what is requested */
	FREE_LEAST = 4 << 20,
	/* With __slots__: what the cyclic collector needs, and object itself. */
	SLOTS_HEAD = 32,
	SLOTS_VALUE = 8,
};

static const char *const names[QUERY_HINTS] = {
	[QUERY_HINT_CYCLES] = "cycles",	      [QUERY_HINT_GROWTH] = "growth",
	[QUERY_HINT_TEMPORARY] = "temporary", [QUERY_HINT_GROWS] = "grows",
	[QUERY_HINT_LARGE] = "large",	      [QUERY_HINT_ARENAS] = "arenas",
	[QUERY_HINT_FREE] = "free",	      [QUERY_HINT_SLOTS] = "slots",
	[QUERY_HINT_LIST] = "list",
};

const char *query_hint_name(enum query_hint_kind kind)
{
	return names[kind];
}

struct finder {
	struct profile *profile;
	struct query_hint *items; /* owned */
	size_t count, room;
	uint64_t peak, calls, duration;
};

static void add(struct finder *f, const struct query_hint *h)
{
	f->items = xgrow(f->items, &f->room, f->count + 1, sizeof(*f->items));
	f->items[f->count++] = *h;
}

/* Of memory: is it worth to be told? */
static bool matters(const struct finder *f, uint64_t bytes)
{
	return bytes >= LEAST && bytes >= f->peak / PART;
}

/* At most what may be garbage in the peak, by the row's part of all garbage. */
static uint64_t garbage_in_peak(struct finder *f, uint64_t bytes)
{
	const struct query_gc *gc = profile_gc(f->profile);
	uint64_t all = 0;

	for (int i = 0; i < QUERY_GENERATIONS; i++)
		all += gc->generation[i].bytes;
	if (!all)
		return 0;
	return (uint64_t)((double)gc->peak_bytes * (double)bytes / (double)all);
}

static void look_for_cycles(struct finder *f, const struct query_row *row)
{
	const struct query_counts *c = &row->counts;
	const struct query_gc *gc = profile_gc(f->profile);
	uint64_t blocks = 0;

	if (c->cyclic_bytes < LEAST || c->cyclic_bytes < f->peak / PART)
		return;
	for (int i = 0; i < QUERY_GENERATIONS; i++)
		blocks += gc->generation[i].blocks;
	add(f,
	    &(struct query_hint){ .kind = QUERY_HINT_CYCLES,
				  .place = row->place,
				  .saving = garbage_in_peak(f, c->cyclic_bytes),
				  .blocks = c->cyclic_blocks,
				  .bytes = c->cyclic_bytes,
				  .ns = blocks ? gc->waited / blocks : 0 });
}

static bool is_python(const struct query_row *row)
{
	const char *file = row->place.file;
	size_t size = file ? strlen(file) : 0;

	return size > 3 && !strcmp(file + size - 3, ".py");
}

/* Lists grow by themselves, and nothing can be reserved for them. */
static void look_for_lists(struct finder *f, const struct query_row *row)
{
	const struct query_growth *g = &row->growth;
	const struct query_lifetimes *l = &row->lifetimes;

	if (g->steps_max < LIST_STEPS || !matters(f, row->counts.peak_bytes) ||
	    row->counts.live_bytes > row->counts.peak_bytes / SLICES ||
	    l->median > f->duration / SLICES)
		return;
	add(f, &(struct query_hint){ .kind = QUERY_HINT_LIST,
				     .place = row->place,
				     .saving = row->counts.peak_bytes,
				     .blocks = g->chains,
				     .bytes = row->counts.peak_bytes,
				     .steps = g->steps_max,
				     .ns = l->median });
}

static void look_for_growth(struct finder *f, const struct query_row *row)
{
	const struct query_growth *g = &row->growth;

	if (is_python(row)) {
		look_for_lists(f, row);
		return;
	}
	if (g->copied_bytes < COPIED_LEAST ||
	    g->steps < g->chains * STEPS_LEAST)
		return;
	add(f, &(struct query_hint){ .kind = QUERY_HINT_GROWTH,
				     .place = row->place,
				     .blocks = g->moved,
				     .bytes = g->copied_bytes,
				     .steps = g->steps_max });
}

static void look_for_temporary(struct finder *f, const struct query_row *row)
{
	const struct query_counts *c = &row->counts;

	/* In Python nobody can help that a number is an object. */
	if (is_python(row) || c->temporary < TEMPORARY_LEAST ||
	    c->temporary < f->calls / TEMPORARY_PART ||
	    c->temporary < c->calls / 2)
		return;
	add(f, &(struct query_hint){ .kind = QUERY_HINT_TEMPORARY,
				     .place = row->place,
				     .blocks = c->temporary,
				     .bytes = c->allocated_bytes });
}

static int look_at_rows(struct finder *f, struct err *err)
{
	const struct query q = { .by = QUERY_BY_LINE,
				 .sort = QUERY_ALLOCATED,
				 .lifetimes = true,
				 .growth = true };
	const struct query_result *r = profile_query(f->profile, &q, err);

	if (!r)
		return -1;
	for (size_t i = 0; i < r->count; i++) {
		look_for_cycles(f, &r->rows[i]);
		look_for_growth(f, &r->rows[i]);
		look_for_temporary(f, &r->rows[i]);
	}
	return 0;
}

/* What lines have at instants of the run. */
struct growing {
	const struct query_result *lines;
	uint32_t *row; /* of each site; owned, as all here */
	uint64_t *now, *last, *most; /* live bytes of each row */
	uint32_t *times; /* that it had more than before */
};

static void see(const struct finder *f, struct growing *g,
		const struct model_stats *stats)
{
	const struct profile *p = f->profile;
	uint64_t *now = g->now;

	memset(now, 0, g->lines->count * sizeof(*now));
	for (size_t i = 0; i < p->site_count; i++)
		if (g->row[i] != QUERY_NO_ROW)
			now[g->row[i]] += model_live_bytes(&stats[i]);
	for (size_t i = 0; i < g->lines->count; i++) {
		g->times[i] += now[i] > g->last[i];
		if (now[i] > g->most[i])
			g->most[i] = now[i];
	}
	g->now = g->last;
	g->last = now;
}

/* What is imported stays, by intent; a program can not do without. */
static bool is_import(const struct query_row *row)
{
	static const char file[] = "<frozen importlib";

	return row->place.file &&
	       !strncmp(row->place.file, file, sizeof(file) - 1);
}

static void tell_growing(struct finder *f, const struct growing *g)
{
	for (size_t i = 0; i < g->lines->count; i++) {
		const struct query_row *row = &g->lines->rows[i];
		const struct query_counts *c = &row->counts;

		if (g->times[i] < SLICES_LEAST || !matters(f, g->most[i]) ||
		    c->allocated_bytes / 2 > g->most[i] || is_import(row))
			continue;
		add(f, &(struct query_hint){ .kind = QUERY_HINT_GROWS,
					     .place = row->place,
					     .saving = g->most[i],
					     .blocks = c->allocations,
					     .bytes = g->most[i],
					     .steps = g->times[i] });
	}
}

static void walk(struct finder *f, struct growing *g)
{
	struct instant *at = instant_open(f->profile->trace);
	struct err ignored;

	for (uint64_t i = 1; i <= SLICES; i++)
		/* Not at the end: programs clear up there. */
		if (instant_seek_time(at, f->duration / (SLICES + 1) * i,
				      &ignored) == 0)
			see(f, g, instant_stats(at));
	instant_close(at);
}

static void look_for_growing(struct finder *f)
{
	const struct query q = { .by = QUERY_BY_LINE, .unsorted = true };
	struct profile *p = f->profile;
	struct growing g = { .row = xcalloc(p->site_count + 1,
					    sizeof(*g.row)) };
	struct err ignored;

	g.lines = query_rows(p, &q, g.row, &ignored);
	if (g.lines) {
		g.now = xcalloc(g.lines->count + 1, sizeof(*g.now));
		g.last = xcalloc(g.lines->count + 1, sizeof(*g.last));
		g.most = xcalloc(g.lines->count + 1, sizeof(*g.most));
		g.times = xcalloc(g.lines->count + 1, sizeof(*g.times));
		walk(f, &g);
		tell_growing(f, &g);
	}
	free(g.row);
	free(g.now);
	free(g.last);
	free(g.most);
	free(g.times);
}

/* Of Python: a little smaller, and they would be small blocks of an arena. */
static void look_for_large(struct finder *f)
{
	char text[64];
	struct query q = { .by = QUERY_BY_LINE, .sort = QUERY_PEAK };
	const struct query_result *r;
	struct where *where;
	struct err ignored;

	snprintf(text, sizeof(text), "size >= %d and size <= %d", LARGE_MIN,
		 LARGE_MAX);
	where = where_parse(text, &ignored);
	q.where = where;
	r = where ? profile_query(f->profile, &q, &ignored) : NULL;
	for (size_t i = 0; r && i < r->count; i++) {
		const struct query_row *row = &r->rows[i];

		if (!is_python(row) || row->counts.peak_blocks < LARGE_LEAST)
			continue;
		add(f, &(struct query_hint){ .kind = QUERY_HINT_LARGE,
					     .place = row->place,
					     .saving = row->counts.peak_blocks *
						       LARGE_HEAD,
					     .blocks = row->counts.peak_blocks,
					     .bytes = row->counts.peak_bytes });
	}
	where_destroy(where);
}

static void look_at_arenas(struct finder *f)
{
	const struct query_arenas *a = profile_arenas(f->profile);
	/* One is always being filled. */
	uint64_t whole = a->arenas ? a->bytes / a->arenas : 0;
	struct query_hint h = { .kind = QUERY_HINT_ARENAS,
				.blocks = a->arenas,
				.bytes = a->free_bytes };

	if (a->free_bytes < whole + a->bytes / ARENAS_PART || !a->pin_count)
		return;
	h.saving = a->free_bytes - whole;
	if (!matters(f, h.saving))
		return;
	h.place = a->pins[0].place;
	h.steps = a->pins[0].blocks;
	add(f, &h);
}

/* What an instance would take without its dictionary. */
static uint64_t slots_size(uint64_t instances, uint64_t values)
{
	return instances * SLOTS_HEAD + values * SLOTS_VALUE;
}

static void look_at_types(struct finder *f)
{
	const struct model_objects *o = NULL;

	while ((o = snapshot_next(f->profile, o)))
		for (size_t i = 0; i < o->type_count; i++) {
			const struct model_type *t = &o->types[i];
			uint64_t with = slots_size(t->instances, t->values);
			uint64_t saving = t->bytes > with ? t->bytes - with : 0;

			if (!matters(f, saving))
				continue;
			add(f, &(struct query_hint){
				       .kind = QUERY_HINT_SLOTS,
				       .type = names_intern(&f->profile->names,
							    t->name),
				       .saving = saving,
				       .blocks = t->instances,
				       .bytes = t->bytes,
				       .steps = t->values });
		}
}

static void look_at_free(struct finder *f)
{
	struct query_balance b;
	struct err ignored;

	if (profile_balance(f->profile, false, &b, &ignored) < 0 ||
	    b.free < FREE_LEAST || b.free < b.requested / FREE_PART)
		return;
	add(f, &(struct query_hint){ .kind = QUERY_HINT_FREE,
				     .saving = b.free,
				     .blocks = b.requested,
				     .bytes = b.free });
}

/* Memory first, the most; then what is work only, as found. */
static int compare(const void *a, const void *b)
{
	const struct query_hint *x = a, *y = b;

	if (x->saving != y->saving)
		return x->saving < y->saving ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->blocks != y->blocks)
		return x->blocks < y->blocks ? 1 : -1;
	return calls_compare(&x->place, &y->place);
}

const struct query_hints *profile_hints(struct profile *p, struct err *err)
{
	const struct query_totals *t = profile_totals(p, MODEL_HEAP);
	struct query_hints *all = arena_alloc(&p->arena, 1, sizeof(*all));
	struct query_hint *items;
	struct finder f = { .profile = p,
			    .peak = t->peak_bytes,
			    .calls = t->allocations + t->reallocations,
			    .duration = profile_time(p) };

	if (look_at_rows(&f, err) < 0)
		return NULL;
	look_for_growing(&f);
	look_for_large(&f);
	look_at_arenas(&f);
	look_at_types(&f);
	look_at_free(&f);
	if (f.count)
		qsort(f.items, f.count, sizeof(*f.items), compare);
	items = arena_alloc(&p->arena, f.count + 1, sizeof(*items));
	if (f.count)
		memcpy(items, f.items, f.count * sizeof(*items));
	free(f.items);
	all->items = items;
	all->count = f.count;
	return all;
}
