/*
 * gc - see gc.h.
 */
#include "cli/gc.h"

#include <stdio.h>

#include "cli/jsonout.h"
#include "text/amount.h"

static struct query_generation sum(const struct query_gc *gc)
{
	struct query_generation all = { 0 };

	for (int i = 0; i < QUERY_GENERATIONS; i++) {
		const struct query_generation *g = &gc->generation[i];

		all.runs += g->runs;
		all.time += g->time;
		all.collected += g->collected;
		all.uncollectable += g->uncollectable;
		all.blocks += g->blocks;
		all.bytes += g->bytes;
	}
	return all;
}

void gc_line(struct profile *p)
{
	const struct query_gc *gc = profile_gc(p);
	struct query_generation all = sum(gc);

	if (!gc->runs)
		return;
	printf("collector   %s runs in %s", amount_count(all.runs).text,
	       amount_time(all.time).text);
	printf(", freed %s in %s blocks (--sort cyclic)\n",
	       amount_bytes(all.bytes).text, amount_count(all.blocks).text);
}

static void print_generation(const struct query_generation *g, int number)
{
	printf("%*sgeneration %d  %s runs", number ? 12 : 0, "", number,
	       amount_count(g->runs).text);
	printf(" in %s", amount_time(g->time).text);
	printf(", longest %s", amount_time(g->longest).text);
	printf(", %s objects", amount_count(g->collected).text);
	printf(", %s in %s blocks", amount_bytes(g->bytes).text,
	       amount_count(g->blocks).text);
	if (g->uncollectable)
		printf(", %s objects not to be collected",
		       amount_count(g->uncollectable).text);
	putchar('\n');
}

void gc_table(struct profile *p)
{
	const struct query_gc *gc = profile_gc(p);
	struct query_generation all = sum(gc);

	for (int i = 0; i < QUERY_GENERATIONS; i++)
		print_generation(&gc->generation[i], i);
	if (!all.blocks)
		return;
	printf("%*shad been garbage for %s on average, at most", 12, "",
	       amount_time(gc->waited / all.blocks).text);
	printf("; at most %s of it at the peak\n",
	       amount_bytes(gc->peak_bytes).text);
}

static json_t *generation_json(const struct query_generation *g)
{
	json_t *o = json_object();

	jsonout_count(o, "runs", g->runs);
	jsonout_count(o, "duration_ns", g->time);
	jsonout_count(o, "longest_ns", g->longest);
	jsonout_count(o, "collected", g->collected);
	jsonout_count(o, "uncollectable", g->uncollectable);
	jsonout_count(o, "freed_blocks", g->blocks);
	jsonout_count(o, "freed_bytes", g->bytes);
	return o;
}

static json_t *run_json(const struct model_gc *gc)
{
	json_t *o = json_object();
	uint64_t blocks = 0, bytes = 0;

	for (size_t i = 0; i < gc->site_count; i++) {
		blocks += gc->sites[i].blocks;
		bytes += gc->sites[i].bytes;
	}
	jsonout_count(o, "time_ns", gc->time);
	jsonout_count(o, "duration_ns", gc->duration);
	jsonout_count(o, "generation", gc->generation);
	jsonout_count(o, "collected", gc->collected);
	jsonout_count(o, "uncollectable", gc->uncollectable);
	jsonout_count(o, "freed_blocks", blocks);
	jsonout_count(o, "freed_bytes", bytes);
	return o;
}

json_t *gc_json(struct profile *p)
{
	const struct query_gc *gc = profile_gc(p);
	json_t *o = json_object(), *list = json_array();
	size_t n;
	const struct model_gc *runs = profile_gc_runs(p, &n);

	for (int i = 0; i < QUERY_GENERATIONS; i++)
		json_array_append_new(list,
				      generation_json(&gc->generation[i]));
	json_object_set_new(o, "generations", list);
	jsonout_count(o, "waited_ns", gc->waited);
	jsonout_count(o, "peak_garbage_bytes", gc->peak_bytes);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, run_json(&runs[i]));
	json_object_set_new(o, "runs", list);
	return o;
}
