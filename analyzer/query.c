/*
 * Design
 * ------
 * A question walks the sites once. Each site gives a key of a few numbers that
 * says which row it belongs to; rows are found by a lookup on the key. Numbers
 * stand for calls, stacks, threads and interned strings, so two keys are equal
 * exactly when the rows would read the same.
 *
 * A row shows the place of one of its sites: of the one that allocated most.
 *
 * Rows with equal figures are put in order by what they say, so that a report
 * of the same trace is the same text every time.
 */
#include "analyzer/query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/lookup.h"
#include "analyzer/profile.h"
#include "analyzer/selection.h"
#include "analyzer/snapshot.h"
#include "trace/sites.h"
#include "trace/xmalloc.h"

static const char *const by_names[QUERY_BYS] = {
	[QUERY_BY_LINE] = "line",   [QUERY_BY_FUNCTION] = "function",
	[QUERY_BY_FILE] = "file",   [QUERY_BY_MODULE] = "module",
	[QUERY_BY_STACK] = "stack", [QUERY_BY_THREAD] = "thread",
	[QUERY_BY_SIZE] = "size",   [QUERY_BY_PROCESS] = "process",
	[QUERY_BY_TYPE] = "type",
};

static const char *const metric_names[QUERY_METRICS] = {
	[QUERY_LIVE] = "live",	   [QUERY_PEAK] = "peak",
	[QUERY_LEAKED] = "leaked", [QUERY_ALLOCATED] = "allocated",
	[QUERY_CALLS] = "calls",   [QUERY_TEMPORARY] = "temporary",
	[QUERY_FREED] = "freed",   [QUERY_CYCLIC] = "cyclic",
};

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int query_by_from_name(const char *name)
{
	return find_name(by_names, QUERY_BYS, name);
}

int query_metric_from_name(const char *name)
{
	return find_name(metric_names, QUERY_METRICS, name);
}

const char *query_by_name(enum query_by by)
{
	return by_names[by];
}

const char *query_metric_name(enum query_metric metric)
{
	return metric_names[metric];
}

uint64_t query_metric_of(const struct query_counts *c, enum query_metric m)
{
	switch (m) {
	case QUERY_LIVE:
		return c->live_bytes;
	case QUERY_PEAK:
		return c->peak_bytes;
	case QUERY_LEAKED:
		return c->leaked_bytes;
	case QUERY_ALLOCATED:
		return c->allocated_bytes;
	case QUERY_CALLS:
		return c->calls;
	case QUERY_TEMPORARY:
		return c->temporary;
	case QUERY_FREED:
		return c->freed_bytes;
	case QUERY_CYCLIC:
		return c->cyclic_bytes;
	case QUERY_METRICS:
		break;
	}
	return 0;
}

uint64_t query_blocks_of(const struct query_counts *c, enum query_metric m)
{
	switch (m) {
	case QUERY_LIVE:
		return c->live_blocks;
	case QUERY_PEAK:
		return c->peak_blocks;
	case QUERY_LEAKED:
		return c->leaked_blocks;
	case QUERY_FREED:
		return c->frees;
	case QUERY_TEMPORARY:
		return c->temporary;
	case QUERY_CYCLIC:
		return c->cyclic_blocks;
	default:
		return c->calls;
	}
}

/*
 * The variance is estimated from the same blocks as the bytes: where by chance
 * few were recorded, both come out small. Of `n` blocks recorded, what a line
 * may have had is n on the mean of a squared distance n + 2 from it (Poisson,
 * all rates being as likely before), not n. With n alone 1.2 % of the lines
 * over 1 MiB were more than three errors off, most of them with 1 to 4 blocks.
 */
static uint64_t error_of(double variance, uint64_t n)
{
	return n ? (uint64_t)sqrt(variance * (1 + 2 / (double)n)) : 0;
}

static void add_classes(struct query_classes *c,
			const struct query_classes *other)
{
	for (size_t i = 0; i < MODEL_LEAK_CLASSES; i++) {
		c->blocks[i] += other->blocks[i];
		c->bytes[i] += other->bytes[i];
	}
	c->held_blocks += other->held_blocks;
	c->held_bytes += other->held_bytes;
}

void query_counts_add(struct query_counts *c, const struct query_counts *other)
{
	add_classes(&c->classes, &other->classes);
	c->calls += other->calls;
	c->allocations += other->allocations;
	c->reallocations += other->reallocations;
	c->allocated_bytes += other->allocated_bytes;
	c->frees += other->frees;
	c->freed_bytes += other->freed_bytes;
	c->live_bytes += other->live_bytes;
	c->live_blocks += other->live_blocks;
	c->peak_bytes += other->peak_bytes;
	c->peak_blocks += other->peak_blocks;
	c->temporary += other->temporary;
	c->cyclic_bytes += other->cyclic_bytes;
	c->cyclic_blocks += other->cyclic_blocks;
	c->leaked_bytes += other->leaked_bytes;
	c->leaked_blocks += other->leaked_blocks;
	c->allocated_variance += other->allocated_variance;
	c->live_variance += other->live_variance;
	c->peak_variance += other->peak_variance;
	c->allocated_sampled += other->allocated_sampled;
	c->live_sampled += other->live_sampled;
	c->peak_sampled += other->peak_sampled;
}

uint64_t query_error_of(const struct query_counts *c, enum query_metric m)
{
	switch (m) {
	case QUERY_LIVE:
	case QUERY_LEAKED:
		return error_of(c->live_variance, c->live_sampled);
	case QUERY_PEAK:
		return error_of(c->peak_variance, c->peak_sampled);
	case QUERY_ALLOCATED:
		return error_of(c->allocated_variance, c->allocated_sampled);
	default:
		return 0;
	}
}

struct key {
	uint64_t part[4];
};

/* The rows of one answer while they are made. */
struct group {
	struct query_counts counts;
	struct key key;
	struct sketch lifetimes;
	uint64_t lived;
	struct query_growth growth;
	uint32_t site; /* the one that allocated most */
	uint64_t sole; /* see query_row */
	bool is_mixed; /* sites are of more than one module */
};

struct groups {
	struct profile *profile;
	const struct query *query;
	const struct selection *selection;
	struct group *items;
	size_t room;
	uint32_t count;
	struct lookup lookup;
	struct query_counts total;
};

static const struct query_frame nowhere;

static const struct query_frame *place_of(struct profile *p, uint32_t site)
{
	uint32_t place = stacks_place(p->stacks, p->sites[site].node);

	return place == CALLS_NONE ? &nowhere : calls_frame(p->calls, place);
}

static uint64_t name_key(const char *name)
{
	return (uintptr_t)name;
}

/* What has no line is told apart by function, and without one by address. */
static struct key line_key(struct profile *p, uint32_t site)
{
	const struct query_frame *f = place_of(p, site);

	if (f->file && f->line)
		return (struct key){ { name_key(f->file), f->line,
				       name_key(f->module) } };
	return (struct key){ { stacks_place(p->stacks, p->sites[site].node), 0,
			       0, 1 } };
}

/* What can not be named is one row for each module. */
static struct key place_key(struct profile *p, enum query_by by, uint32_t site)
{
	const struct query_frame *f = place_of(p, site);
	uint64_t module = name_key(f->module);

	switch (by) {
	case QUERY_BY_FUNCTION:
		if (!f->function)
			return (struct key){ { 0, 0, module } };
		return (struct key){ { name_key(f->function), name_key(f->file),
				       module } };
	case QUERY_BY_FILE:
		if (!f->file)
			return (struct key){ { 0, 0, module } };
		return (struct key){ { name_key(f->file) } };
	case QUERY_BY_MODULE:
		return (struct key){ { module } };
	default:
		return line_key(p, site);
	}
}

static struct key key_of(struct profile *p, enum query_by by, uint32_t site)
{
	const struct model_site *s = &p->sites[site];

	switch (by) {
	case QUERY_BY_STACK:
		return (struct key){ { stacks_stack(p->stacks, s->node) } };
	case QUERY_BY_THREAD:
		return (struct key){ { stacks_thread(p->stacks, s->node) } };
	case QUERY_BY_SIZE:
		return (struct key){ { s->size, s->exact } };
	case QUERY_BY_PROCESS:
		return (struct key){ { profile_process_of(p, site) } };
	default:
		return place_key(p, by, site);
	}
}

static bool is_group(const void *owner, uint32_t item, const void *key)
{
	const struct groups *g = owner;

	return memcmp(&g->items[item].key, key, sizeof(struct key)) == 0;
}

static struct group *group_for(struct groups *g, const struct key *key,
			       uint32_t site)
{
	uint32_t hash =
		lookup_hash_numbers(key->part[0] + key->part[2], key->part[1]);
	uint32_t found = lookup_find(&g->lookup, hash, is_group, g, key);

	if (found != LOOKUP_NONE)
		return &g->items[found];
	g->items = xgrow(g->items, &g->room, (size_t)g->count + 1,
			 sizeof(*g->items));
	g->items[g->count] = (struct group){ .key = *key, .site = site };
	lookup_add(&g->lookup, hash, g->count);
	return &g->items[g->count++];
}

static struct group *group_of(struct groups *g, uint32_t site)
{
	struct key key = key_of(g->profile, g->query->by, site);

	return group_for(g, &key, site);
}

static uint32_t group_number(struct groups *g, uint32_t site)
{
	return (uint32_t)(group_of(g, site) - g->items);
}

/* By bytes, then by name, so that it does not depend on the order of sites. */
static bool speaks_for(struct groups *g, uint32_t site, uint32_t other)
{
	const struct model_stats *stats = g->selection->stats;
	struct profile *p = g->profile;

	if (stats[site].bytes != stats[other].bytes)
		return stats[site].bytes > stats[other].bytes;
	return calls_compare(place_of(p, site), place_of(p, other)) < 0;
}

static void add_growth(struct query_growth *to, const struct fates_growth *g)
{
	to->moved += g->moved;
	to->copied_bytes += g->copied_bytes;
	to->chains += g->chains;
	to->steps += g->steps;
	if (g->steps_max > to->steps_max)
		to->steps_max = g->steps_max;
}

static void add_site(struct groups *g, uint32_t site)
{
	const struct selection *s = g->selection;
	struct profile *p = g->profile;
	struct group *group = group_of(g, site);

	if (g->query->by == QUERY_BY_FILE &&
	    place_of(p, site)->module != place_of(p, group->site)->module)
		group->is_mixed = true;
	if (g->query->by == QUERY_BY_LINE && speaks_for(g, site, group->site))
		group->site = site;
	profile_add_stats(p, &group->counts, site, &s->stats[site]);
	profile_add_stats(p, &g->total, site, &s->stats[site]);
	if (g->query->lifetimes) {
		sketch_merge(&group->lifetimes, &s->lifetimes[site]);
		group->lived += s->lived[site];
	}
	if (g->query->growth)
		add_growth(&group->growth, &s->growth[site]);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static const char *type_name(const struct group *g)
{
	return (const char *)(uintptr_t)g->key.part[0];
}

static int compare_types(const char *a, const char *b)
{
	if (!a || !b)
		return (a ? 0 : 1) - (b ? 0 : 1);
	return strcmp(a, b);
}

/* Among rows of equal figures. */
static int compare_names(struct groups *g, const struct group *a,
			 const struct group *b)
{
	struct profile *p = g->profile;
	int order;

	switch (g->query->by) {
	case QUERY_BY_STACK:
		return stacks_compare(p->stacks, (uint32_t)a->key.part[0],
				      (uint32_t)b->key.part[0]);
	case QUERY_BY_THREAD:
	case QUERY_BY_SIZE:
	case QUERY_BY_PROCESS:
		order = compare_numbers(a->key.part[0], b->key.part[0]);
		return order ? order
			     : compare_numbers(a->key.part[1], b->key.part[1]);
	case QUERY_BY_TYPE:
		return compare_types(type_name(a), type_name(b));
	default:
		return calls_compare(place_of(p, a->site),
				     place_of(p, b->site));
	}
}

static int compare_groups(const void *a, const void *b, void *groups)
{
	struct groups *g = groups;
	const struct group *x = a, *y = b;
	int order =
		compare_numbers(query_metric_of(&y->counts, g->query->sort),
				query_metric_of(&x->counts, g->query->sort));

	if (!order)
		order = compare_numbers(y->counts.allocated_bytes,
					x->counts.allocated_bytes);
	if (!order)
		order = compare_numbers(y->counts.calls, x->counts.calls);
	return order ? order : compare_names(g, x, y);
}

static void set_place(struct groups *g, const struct group *group,
		      struct query_row *row)
{
	row->place = *place_of(g->profile, group->site);
	switch (g->query->by) {
	case QUERY_BY_MODULE:
		row->place.file = NULL;
		/* fall through */
	case QUERY_BY_FILE:
		row->place.function = NULL;
		/* fall through */
	case QUERY_BY_FUNCTION:
		row->place.line = 0;
		row->place.addr = 0;
		break;
	default:
		break;
	}
	if (group->is_mixed)
		row->place.module = NULL;
}

static void set_process(struct profile *p, uint64_t process,
			struct query_row *row)
{
	if (process < p->process_count)
		row->process = &p->processes[process];
}

static struct query_row make_row(struct groups *g, const struct group *group)
{
	struct profile *p = g->profile;
	struct query_row row = {
		.counts = group->counts,
		.lifetimes = { .blocks = group->lifetimes.values,
			       .min = group->lifetimes.min,
			       .median = sketch_median(&group->lifetimes),
			       .max = group->lifetimes.max,
			       .lived = group->lived },
		.growth = group->growth,
	};
	uint64_t number = group->key.part[0];

	switch (g->query->by) {
	case QUERY_BY_STACK:
		row.stack = (uint32_t)number;
		break;
	case QUERY_BY_THREAD:
		if (number >= p->thread_count)
			break;
		row.thread = &p->threads[number];
		set_process(p, row.thread->process, &row);
		break;
	case QUERY_BY_SIZE:
		row.size_max = number;
		row.size_min =
			group->key.part[1] ? number : sites_class_min(number);
		row.size_shared = !group->key.part[1];
		break;
	case QUERY_BY_PROCESS:
		set_process(p, number, &row);
		break;
	case QUERY_BY_TYPE:
		row.type = type_name(group);
		row.sole = group->sole;
		break;
	default:
		set_place(g, group, &row);
	}
	return row;
}

static struct query_result *make_result(struct groups *g)
{
	struct arena *arena = &g->profile->answers;
	struct query_result *r = arena_alloc(arena, 1, sizeof(*r));
	struct query_row *rows;

	if (g->count && !g->query->unsorted)
		qsort_r(g->items, g->count, sizeof(*g->items), compare_groups,
			g);
	r->total_rows = r->count = g->count;
	if (g->query->limit && r->count > g->query->limit)
		r->count = g->query->limit;
	r->total = g->total;
	rows = arena_alloc(arena, r->count + 1, sizeof(*rows));
	for (size_t i = 0; i < r->count; i++)
		rows[i] = make_row(g, &g->items[i]);
	r->rows = rows;
	return r;
}

static bool has_pid(const struct profile *p, int32_t pid)
{
	for (size_t i = 0; i < p->process_count; i++)
		if (p->processes[i].pid == pid)
			return true;
	return false;
}

/* What lives of a type at a site: no more is known of it. */
static void add_object(struct groups *g, const char *type,
		       const struct model_object *o)
{
	const struct key key = { { name_key(type) } };
	const struct query_counts c = { .live_blocks = o->blocks,
					.live_bytes = o->bytes };
	struct group *group = group_for(g, &key, o->site);

	query_counts_add(&group->counts, &c);
	query_counts_add(&g->total, &c);
	group->sole += o->sole;
}

static int add_objects(struct groups *g, struct err *err)
{
	struct profile *p = g->profile;
	const struct model_objects *o = NULL;
	const char *type;
	bool any = false;

	while ((o = snapshot_next(p, o))) {
		any = true;
		for (size_t i = 0; i < o->object_count; i++) {
			const struct model_object *e = &o->objects[i];

			if (!selection_has(p, g->selection, g->query, e->site))
				continue;
			type = e->type == MODEL_NO_TYPE
				       ? NULL
				       : o->types[e->type].name;
			add_object(g, names_intern(&p->names, type), e);
		}
	}
	if (any)
		return 0;
	err_set(err, "nobody has looked at Python's objects by then: run with "
		     "--leaks or --leaks-at");
	return -1;
}

static void add_sites(struct groups *g, uint32_t *rows)
{
	struct profile *p = g->profile;

	for (uint32_t i = 0; i < p->site_count; i++) {
		bool counts = selection_has(p, g->selection, g->query, i);

		if (counts)
			add_site(g, i);
		if (rows)
			rows[i] = counts ? group_number(g, i) : QUERY_NO_ROW;
	}
}

const struct query_result *query_rows(struct profile *p, const struct query *q,
				      uint32_t *rows, struct err *err)
{
	struct groups g = { .profile = p, .query = q };
	struct query_result *r;

	if (q->pid && !has_pid(p, q->pid)) {
		err_set(err, "no process %d in this trace", q->pid);
		return NULL;
	}
	g.selection = selection_of(p, q, err);
	if (!g.selection)
		return NULL;
	if (q->by != QUERY_BY_TYPE)
		add_sites(&g, rows);
	else if (add_objects(&g, err) < 0)
		return NULL;
	r = make_result(&g);
	for (uint32_t i = 0; i < g.count; i++)
		sketch_release(&g.items[i].lifetimes);
	free(g.items);
	lookup_release(&g.lookup);
	return r;
}

const struct query_result *profile_query(struct profile *p,
					 const struct query *q, struct err *err)
{
	return query_rows(p, q, NULL, err);
}

const struct query_frame *
profile_frames(struct profile *p, const struct query_row *row, size_t *count)
{
	return stacks_frames(p->stacks, row->stack, count);
}
