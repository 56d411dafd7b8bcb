/*
 * lost - see lost.h.
 *
 * A condition may choose some blocks of a site only. Which of them were lost is
 * not in the trace, so what was lost of the site is shared out.
 */
#include "analyzer/lost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"

void lost_open(struct profile *p)
{
	struct lost *l = &p->lost;
	size_t count;

	trace_leaks(p->trace, &count);
	if (!count)
		return;
	l->list = arena_alloc(&p->arena, count, sizeof(*l->list));
	l->site = arena_alloc(&p->arena, p->site_count + 1, sizeof(*l->site));
	l->process = arena_alloc(&p->arena, p->process_count + 1,
				 sizeof(*l->process));
	lost_move(p, l->then);
}

static void choose(struct profile *p, bool then)
{
	struct lost *l = &p->lost;
	size_t count;
	const struct model_leaks *all = trace_leaks(p->trace, &count);

	l->count = 0;
	l->is_then = then;
	for (size_t i = 0; i < count; i++)
		if (all[i].process < p->process_count &&
		    all[i].goes_on == then && (!then || all[i].time == p->time))
			l->list[l->count++] = &all[i];
}

bool lost_is_known(const struct profile *p, uint64_t time)
{
	size_t count;
	const struct model_leaks *all = trace_leaks(p->trace, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i].goes_on && all[i].time == time)
			return true;
	return false;
}

void lost_move(struct profile *p, bool then)
{
	struct lost *l = &p->lost;

	l->then = then;
	/* Nobody ever looked, or it is not open yet. */
	if (!l->list)
		return;
	l->count = 0;
	if (then)
		choose(p, true);
	if (!l->count)
		choose(p, false);
	memset(l->site, 0, p->site_count * sizeof(*l->site));
	memset(l->process, 0, p->process_count * sizeof(*l->process));
	for (size_t i = 0; i < l->count; i++) {
		const struct model_leaks *of = l->list[i];

		l->process[of->process] = of;
		for (size_t k = 0; k < of->site_count; k++)
			l->site[of->sites[k].site] = &of->sites[k];
	}
	p->leaks = NULL;
}

static void add_live(struct query_counts *c, const struct model_stats *stats)
{
	c->leaked_bytes += model_live_bytes(stats);
	c->leaked_blocks += model_live_blocks(stats);
}

static uint64_t share(uint64_t count, double part)
{
	return (uint64_t)((double)count * part + 0.5);
}

static void add_classes(struct query_counts *c, const struct model_leak *l,
			double part)
{
	struct query_classes *to = &c->classes;

	for (size_t i = 0; i < MODEL_LEAK_CLASSES; i++) {
		to->blocks[i] += share(l->blocks[i], part);
		to->bytes[i] += share(l->bytes[i], part);
	}
	to->held_blocks += share(l->held_blocks, part);
	to->held_bytes += share(l->held_bytes, part);
	for (size_t i = MODEL_LEAK_DEFINITE; i <= MODEL_LEAK_INDIRECT; i++) {
		c->leaked_blocks += share(l->blocks[i], part);
		c->leaked_bytes += share(l->bytes[i], part);
	}
}

void lost_add(const struct profile *p, struct query_counts *c, size_t site,
	      const struct model_stats *stats)
{
	const struct lost *l = &p->lost;
	const struct model_stats *all =
		l->is_then ? &p->stats[site] : &trace_stats(p->trace)[site];
	uint64_t live = model_live_blocks(stats);
	uint64_t whole = model_live_blocks(all);
	uint32_t process;

	if (!l->count || p->sites[site].kind != MODEL_HEAP) {
		add_live(c, stats);
		return;
	}
	process = profile_process_of(p, site);
	if (process >= p->process_count || !l->process[process] ||
	    (l->process[process]->why && !l->process[process]->replaced)) {
		add_live(c, stats);
		return;
	}
	if (l->site[site])
		add_classes(c, l->site[site],
			    live == whole ? 1 : (double)live / (double)whole);
}

/* Why a process was not looked at, when it should have been. */
static const char *why_of(struct profile *p, size_t process)
{
	const struct model_leaks *l = p->lost.process[process];
	const struct model_process *m = &p->processes[process];
	const char *why = "it was still recorded";
	char text[1024];

	if (l && (!l->why || l->replaced))
		return NULL;
	if (m->note)
		return NULL;
	/* Not all need have been looked at then. */
	if (!l && p->lost.is_then)
		return NULL;
	if (l)
		why = l->why;
	snprintf(text, sizeof(text), "process %d (%s): %s", m->pid,
		 m->name ? m->name : "?", why);
	return arena_text(&p->arena, text, strlen(text));
}

static struct query_leaks *make_leaks(struct profile *p)
{
	struct query_leaks *q = arena_alloc(&p->arena, 1, sizeof(*q));
	const struct lost *l = &p->lost;

	if (!l->count) {
		q->why = trace_run(p->trace)->is_live
				 ? "the program has not ended"
				 : "the program was not run with --leaks, or "
				   "the trace does not reach its end";
		return q;
	}
	for (size_t i = 0; i < p->process_count && !q->why; i++)
		q->why = why_of(p, i);
	for (size_t i = 0; i < l->count; i++) {
		q->some |= !l->list[i]->why;
		q->unread += l->list[i]->unread;
		q->replaced += l->list[i]->replaced;
		if (l->list[i]->stopped > q->stopped)
			q->stopped = l->list[i]->stopped;
		if (l->list[i]->held)
			q->held = l->list[i]->held;
	}
	q->is_then = l->is_then;
	if (trace_quality(p->trace)->lost_events && !q->why)
		q->why = "events were lost: not all blocks are known";
	q->classified = !q->why;
	return q;
}

const struct query_leaks *profile_leaks(struct profile *p)
{
	if (!p->leaks)
		p->leaks = make_leaks(p);
	return p->leaks;
}

static struct query_root make_root(struct profile *p, uint32_t process,
				   const struct model_root *r)
{
	bool known = r->module >= 0 && (size_t)r->module < p->module_count;
	bool local = r->kind == MODEL_ROOT_THREAD_LOCAL;
	struct symbol found;
	struct query_root root = {
		.kind = r->kind,
		.addr = r->addr,
		.process = &p->processes[process],
		.tid = r->tid,
		.blocks = r->blocks,
		.bytes = r->bytes,
	};

	if (!known)
		return root;
	root.module = p->modules[r->module].path;
	if ((local || r->addr) &&
	    symbols_variable(p->symbols, (uint32_t)r->module, r->addr, local,
			     &found)) {
		root.name = found.name.plain;
		root.file = found.file;
		root.line = found.line;
	}
	return root;
}

static bool same_variable(const struct query_root *a,
			  const struct query_root *b)
{
	/* Names are interned. */
	return a->name && a->name == b->name && a->module == b->module &&
	       a->tid == b->tid && a->line == b->line;
}

/* Adds what a process' roots hold, behind `list`; gives how many they are. */
static size_t put_roots(struct profile *p, const struct model_leaks *l,
			struct query_root *list)
{
	size_t count = 0;

	for (size_t i = 0; i < l->root_count; i++) {
		struct query_root root = make_root(p, l->process, &l->roots[i]);
		size_t k = 0;

		while (k < count && !same_variable(&list[k], &root))
			k++;
		if (k == count) {
			list[count++] = root;
			continue;
		}
		list[k].blocks += root.blocks;
		list[k].bytes += root.bytes;
	}
	return count;
}

static int compare_roots(const void *a, const void *b)
{
	const struct query_root *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

const struct query_root *profile_roots(struct profile *p, size_t *count)
{
	const struct lost *l = &p->lost;
	struct query_root *roots;
	size_t most = 0;

	for (size_t i = 0; i < l->count; i++)
		most += l->list[i]->root_count;
	roots = arena_alloc(&p->arena, most + 1, sizeof(*roots));
	*count = 0;
	for (size_t i = 0; i < l->count; i++)
		*count += put_roots(p, l->list[i], roots + *count);
	if (*count)
		qsort(roots, *count, sizeof(*roots), compare_roots);
	return roots;
}
