/*
 * gc - see gc.h.
 */
#include "trace/gc.h"

#include <stdlib.h>
#include <string.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/xmalloc.h"

enum {
	MERGE_AT = 4096, /* entries of a run that are put together */
	KEPT_SITES = 1 << 19, /* in memory, of all runs */
	RUNS_A_BLOCK = 4096,
	SITES_A_BLOCK = 1 << 18, /* and those of one run more */
};

static uint32_t last_generation(uint32_t generation)
{
	return generation < GC_GENERATIONS ? generation : GC_GENERATIONS - 1;
}

struct gc_run *gc_begin(struct gc_history *h, uint32_t process,
			uint32_t generation, const struct gc_birth *now)
{
	struct gc_run *run = xcalloc(1, sizeof(*run));

	run->history = h;
	run->first_after = now->block;
	run->gc = (struct model_gc){
		.process = process,
		.generation = generation,
		.time = now->time,
		.since = h->ended[last_generation(generation)],
	};
	h->births[h->birth_count++ % GC_BIRTHS] = *now;
	return run;
}

/* A moment, as late as is known, before which the block had not begun. */
static uint64_t begun_after(const struct gc_history *h, uint64_t block)
{
	uint32_t kept = h->birth_count < GC_BIRTHS ? h->birth_count : GC_BIRTHS;

	for (uint32_t i = 1; i <= kept; i++) {
		const struct gc_birth *b =
			&h->births[(h->birth_count - i) % GC_BIRTHS];

		if (b->block <= block)
			return b->time;
	}
	return 0;
}

static int by_site(const void *a, const void *b)
{
	uint32_t one = ((const struct model_gc_site *)a)->site;
	uint32_t other = ((const struct model_gc_site *)b)->site;

	return (one > other) - (one < other);
}

/* One entry a site, in order. */
static void put_together(struct gc_run *run)
{
	size_t last = 0;

	if (!run->count)
		return;
	qsort(run->sites, run->count, sizeof(*run->sites), by_site);
	for (size_t i = 1; i < run->count; i++) {
		struct model_gc_site *s = &run->sites[last];

		if (s->site != run->sites[i].site) {
			run->sites[++last] = run->sites[i];
			continue;
		}
		s->blocks += run->sites[i].blocks;
		s->bytes += run->sites[i].bytes;
		s->waited += run->sites[i].waited;
	}
	run->count = run->sorted = last + 1;
}

/* What began while it runs is of callbacks and destructors. */
static bool is_garbage(const struct gc_run *run, uint64_t block)
{
	for (size_t i = 0; i < run->own_count; i++)
		if (run->own[i] == block)
			return false;
	return block < run->first_after;
}

void gc_free(struct gc_run *run, const struct gc_block *b)
{
	uint64_t from;

	if (!is_garbage(run, b->number))
		return;
	from = begun_after(run->history, b->number);
	if (from < run->gc.since)
		from = run->gc.since;
	if (run->count - run->sorted >= MERGE_AT)
		put_together(run);
	run->sites = xgrow(run->sites, &run->capacity, run->count + 1,
			   sizeof(*run->sites));
	run->sites[run->count++] = (struct model_gc_site){
		.site = b->site,
		.blocks = 1,
		.bytes = b->size,
		.waited = run->gc.time > from ? run->gc.time - from : 0,
	};
}

/* The older half goes, as the oldest events of a bounded trace do. */
static void make_room(struct gc *all)
{
	size_t runs = all->count / 2, sites = 0;

	if (all->site_count < KEPT_SITES || !runs)
		return;
	for (size_t i = 0; i < runs; i++)
		sites += all->list[i].site_count;
	memmove(all->list, all->list + runs,
		(all->count - runs) * sizeof(*all->list));
	memmove(all->sites, all->sites + sites,
		(all->site_count - sites) * sizeof(*all->sites));
	all->count -= runs;
	all->site_count -= sites;
	all->written -= runs < all->written ? runs : all->written;
}

static void add(struct gc *all, const struct model_gc *gc,
		const struct model_gc_site *sites)
{
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	all->list[all->count++] = *gc;
	all->sites =
		xgrow(all->sites, &all->site_capacity,
		      all->site_count + gc->site_count, sizeof(*all->sites));
	if (gc->site_count)
		memcpy(all->sites + all->site_count, sites,
		       gc->site_count * sizeof(*sites));
	all->site_count += gc->site_count;
}

void gc_end(struct gc *all, struct gc_run *run, uint64_t now,
	    const uint64_t objects[2])
{
	struct model_gc *gc = &run->gc;

	put_together(run);
	gc->duration = now > gc->time ? now - gc->time : 0;
	gc->collected = objects[0];
	gc->uncollectable = objects[1];
	gc->site_count = run->count;
	for (uint32_t i = 0; i <= last_generation(gc->generation); i++)
		run->history->ended[i] = now;
	make_room(all);
	add(all, gc, run->sites);
	gc_drop(run);
}

void gc_drop(struct gc_run *run)
{
	if (run)
		free(run->sites);
	free(run);
}

void gc_release(struct gc *all)
{
	free(all->list);
	free(all->sites);
	*all = (struct gc){ 0 };
}

static void put_run(struct column *c, const struct model_gc *gc)
{
	column_put(c, gc->process);
	column_put(c, gc->generation);
	column_put(c, gc->time);
	column_put(c, gc->duration);
	column_put(c, gc->since);
	column_put(c, gc->collected);
	column_put(c, gc->uncollectable);
	column_put(c, gc->site_count);
}

static void put_sites(struct column *c, const struct model_gc_site *sites,
		      size_t count)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		column_put(c, sites[i].site - next);
		column_put(c, sites[i].blocks);
		column_put(c, sites[i].bytes);
		column_put(c, sites[i].waited);
		next = sites[i].site + 1;
	}
}

/* From run number `written` on, whose sites begin at `*site`. */
static int write_some(struct gc *all, size_t *site, struct writer *w,
		      struct err *err)
{
	struct column c[GC_COLUMNS] = { 0 };
	size_t runs = 0, sites = 0;
	int ret;

	while (all->written < all->count && runs < RUNS_A_BLOCK &&
	       sites < SITES_A_BLOCK) {
		const struct model_gc *gc = &all->list[all->written++];

		put_run(&c[GC_RUNS], gc);
		put_sites(&c[GC_SITES], all->sites + *site, gc->site_count);
		*site += gc->site_count;
		sites += gc->site_count;
		runs++;
	}
	column_put(&c[GC_HEAD], runs);
	column_put(&c[GC_HEAD], sites);
	ret = writer_block(w, FORMAT_GC, c, GC_COLUMNS, err);
	columns_release(c, GC_COLUMNS);
	return ret;
}

int gc_write(struct gc *all, bool keep, struct writer *w, struct err *err)
{
	size_t site = 0;

	for (size_t i = 0; i < all->written; i++)
		site += all->list[i].site_count;
	while (all->written < all->count)
		if (write_some(all, &site, w, err) < 0)
			return -1;
	if (!keep)
		all->count = all->written = all->site_count = 0;
	return 0;
}

static bool is_possible(const struct model_gc_site *s)
{
	const uint64_t most = (uint64_t)1 << 48;

	return s->blocks <= UINT32_MAX && s->bytes <= most;
}

static bool get_sites(struct gc *all, struct cursor *c, uint64_t count)
{
	uint64_t next = 0;

	for (uint64_t i = 0; i < count; i++) {
		struct model_gc_site *s = &all->sites[all->site_count];
		uint64_t site = next + cursor_get(c);

		s->site = (uint32_t)site;
		s->blocks = cursor_get(c);
		s->bytes = cursor_get(c);
		s->waited = cursor_get(c);
		if (c->bad || site >= MODEL_NO_SITE || !is_possible(s))
			return false;
		next = site + 1;
		all->site_count++;
	}
	return true;
}

static bool get_run(struct gc *all, struct cursor *columns, uint64_t *sites)
{
	struct cursor *c = &columns[GC_RUNS];
	struct model_gc *gc = &all->list[all->count];

	gc->process = (uint32_t)cursor_get(c);
	gc->generation = (uint32_t)cursor_get(c);
	gc->time = cursor_get(c);
	gc->duration = cursor_get(c);
	gc->since = cursor_get(c);
	gc->collected = cursor_get(c);
	gc->uncollectable = cursor_get(c);
	gc->site_count = cursor_get(c);
	if (c->bad || gc->site_count > *sites)
		return false;
	*sites -= gc->site_count;
	if (!get_sites(all, &columns[GC_SITES], gc->site_count))
		return false;
	all->count++;
	return true;
}

bool gc_read(struct gc *all, const uint8_t *payload, size_t size,
	     uint64_t *budget)
{
	struct cursor c[GC_COLUMNS];
	uint64_t runs, sites, cost;
	size_t before;
	bool ok = true;

	if (!cursors_open(c, GC_COLUMNS, payload, size))
		return false;
	runs = cursor_get(&c[GC_HEAD]);
	sites = cursor_get(&c[GC_HEAD]);
	if (c[GC_HEAD].bad || runs > cursor_left(&c[GC_RUNS]) ||
	    sites > cursor_left(&c[GC_SITES]))
		return false;
	cost = runs * sizeof(*all->list) + sites * sizeof(*all->sites);
	if (cost > *budget)
		return false;
	*budget -= cost;
	all->list = xgrow(all->list, &all->capacity, all->count + runs,
			  sizeof(*all->list));
	all->sites = xgrow(all->sites, &all->site_capacity,
			   all->site_count + sites, sizeof(*all->sites));
	for (uint64_t i = 0; i < runs && ok; i++) {
		before = all->site_count;
		ok = get_run(all, c, &sites);
		if (!ok)
			all->site_count = before;
	}
	return ok;
}

void gc_finish(struct gc *all)
{
	size_t site = 0;

	for (size_t i = 0; i < all->count; i++) {
		all->list[i].sites = all->sites + site;
		site += all->list[i].site_count;
	}
}
