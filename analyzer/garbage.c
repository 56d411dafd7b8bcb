/*
 * garbage - see garbage.h.
 *
 * How much of the peak was garbage that waited to be collected is not known,
 * but has a bound: what a run freed later, of which the run before it that
 * looked as far had come before the peak. What that one left was no garbage
 * then, or was allocated since.
 */
#include "analyzer/garbage.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"

static bool counts(const struct profile *p, const struct model_gc *gc)
{
	return gc->process < p->process_count && gc->time <= p->garbage.until;
}

void garbage_open(struct profile *p)
{
	struct garbage *g = &p->garbage;
	size_t count;
	const struct model_gc *list = trace_gc(p->trace, &count);

	g->until = p->time;
	g->stats = p->stats;
	if (!count)
		return;
	if (!g->blocks) {
		g->blocks = arena_alloc(&p->arena, p->site_count + 1,
					sizeof(*g->blocks));
		g->bytes = arena_alloc(&p->arena, p->site_count + 1,
				       sizeof(*g->bytes));
	}
	memset(g->blocks, 0, p->site_count * sizeof(*g->blocks));
	memset(g->bytes, 0, p->site_count * sizeof(*g->bytes));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0;
		     counts(p, &list[i]) && k < list[i].site_count; k++) {
			const struct model_gc_site *s = &list[i].sites[k];

			g->blocks[s->site] += s->blocks;
			g->bytes[s->site] += s->bytes;
		}
}

static uint64_t share(uint64_t part, uint64_t of, uint64_t whole)
{
	if (of >= whole || !whole)
		return part;
	return (uint64_t)((double)part * (double)of / (double)whole + 0.5);
}

/* A condition may choose some blocks of a site: it is shared out. */
void garbage_add(const struct profile *p, struct query_counts *c, size_t site,
		 const struct model_stats *stats)
{
	const struct garbage *g = &p->garbage;
	const struct model_stats *all = &p->garbage.stats[site];

	if (!g->blocks || !g->blocks[site])
		return;
	c->cyclic_blocks += share(g->blocks[site], stats->frees, all->frees);
	c->cyclic_bytes +=
		share(g->bytes[site], stats->freed_bytes, all->freed_bytes);
}

static uint64_t bytes_of(const struct model_gc *gc)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < gc->site_count; i++)
		bytes += gc->sites[i].bytes;
	return bytes;
}

static void add_run(struct query_gc *q, const struct model_gc *gc,
		    uint64_t peak)
{
	uint32_t last = QUERY_GENERATIONS - 1;
	struct query_generation *g =
		&q->generation[gc->generation < last ? gc->generation : last];

	g->runs++;
	g->time += gc->duration;
	if (gc->duration > g->longest)
		g->longest = gc->duration;
	g->collected += gc->collected;
	g->uncollectable += gc->uncollectable;
	for (size_t i = 0; i < gc->site_count; i++) {
		g->blocks += gc->sites[i].blocks;
		g->bytes += gc->sites[i].bytes;
		q->waited += gc->sites[i].waited;
	}
	if (gc->time >= peak && gc->since <= peak)
		q->peak_bytes += bytes_of(gc);
}

const struct query_gc *profile_gc(struct profile *p)
{
	size_t count;
	const struct model_gc *list = trace_gc(p->trace, &count);
	uint64_t peak = profile_peak(p, MODEL_HEAP)->time;
	uint64_t most = profile_peak(p, MODEL_HEAP)->bytes;
	struct query_gc *q = arena_alloc(&p->arena, 1, sizeof(*q));

	for (size_t i = 0; i < count; i++)
		if (counts(p, &list[i]))
			add_run(q, &list[i], peak);
	if (q->peak_bytes > most)
		q->peak_bytes = most;
	for (int i = 0; i < QUERY_GENERATIONS; i++)
		q->runs += q->generation[i].runs;
	return q;
}

const struct model_gc *profile_gc_runs(const struct profile *p, size_t *n)
{
	return trace_gc(p->trace, n);
}
