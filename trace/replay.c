/*
 * replay - see replay.h.
 */
#include "trace/replay.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

/* The process of each node: that of the thread at its root. */
static uint32_t *processes_of_nodes(const struct catalog *c)
{
	uint32_t *process = xcalloc(c->node_count, sizeof(*process));

	process[0] = MODEL_NO_SITE;
	for (size_t i = 1; i < c->node_count; i++) {
		const struct model_node *n = &c->nodes[i];
		const struct model_frame *f = &c->frames[n->frame];

		process[i] = process[n->parent];
		if (!n->parent && f->kind == MODEL_FRAME_THREAD)
			process[i] = c->threads[f->addr].process;
	}
	return process;
}

void replay_init(struct replay *r, const struct catalog *c,
		 const struct checkpoint_sites *from,
		 const struct checkpoint *at)
{
	uint32_t *nodes = processes_of_nodes(c);

	sites_init(&r->sites);
	r->process = xcalloc(c->site_count, sizeof(*r->process));
	for (size_t i = 0; i < c->site_count; i++) {
		struct site *s;

		sites_append(&r->sites, &c->sites[i]);
		s = &r->sites.list[i];
		s->stats = from->stats[i];
		s->epoch = from->epochs[i];
		s->dead = from->dead[i];
		/* Nobody asks which were touched. */
		s->touched = true;
		r->process[i] = nodes[c->sites[i].node];
	}
	memcpy(r->sites.total, at->total, sizeof(at->total));
	for (size_t i = 0; i < MODEL_KINDS; i++)
		if (!r->sites.total[i].epoch)
			r->sites.total[i].epoch = 1;
	free(nodes);
}

void replay_release(struct replay *r)
{
	sites_release(&r->sites);
	free(r->process);
}

static bool begin(struct replay *r, uint32_t number, uint64_t size, bool moved,
		  uint64_t time)
{
	const struct site *s = &r->sites.list[number];
	const struct sites_total *total = &r->sites.total[s->key.kind];
	uint64_t sum;

	if (s->dead || __builtin_add_overflow(s->stats.bytes, size, &sum) ||
	    __builtin_add_overflow(total->bytes, size, &sum))
		return false;
	sites_begin(&r->sites, number, size, moved, time);
	return true;
}

/* Does the site have that much, and the total with it? */
static bool has(const struct replay *r, uint32_t number, uint64_t size,
		bool block)
{
	const struct site *s = &r->sites.list[number];
	const struct sites_total *total = &r->sites.total[s->key.kind];

	return !s->dead && model_live_bytes(&s->stats) >= size &&
	       model_live_blocks(&s->stats) >= block && total->bytes >= size &&
	       total->blocks >= block;
}

static bool end(struct replay *r, uint32_t number, uint64_t size,
		enum sites_end how)
{
	if (!has(r, number, size, true))
		return false;
	sites_end(&r->sites, number, size, how);
	return true;
}

static bool unmap(struct replay *r, const struct model_event *e)
{
	if (!has(r, e->site, e->size, e->ended))
		return false;
	sites_unmap(&r->sites, e->site, e->size, e->ended);
	return true;
}

static bool exit_process(struct replay *r, uint32_t process)
{
	for (size_t i = 0; i < r->sites.count; i++) {
		const struct site *s = &r->sites.list[i];

		if (r->process[i] != process || s->dead)
			continue;
		if (!has(r, (uint32_t)i, model_live_bytes(&s->stats), false) ||
		    r->sites.total[s->key.kind].blocks <
			    model_live_blocks(&s->stats))
			return false;
		sites_kill(&r->sites, (uint32_t)i);
	}
	return true;
}

bool replay_event(struct replay *r, const struct model_event *e)
{
	switch (e->kind) {
	case MODEL_EVENT_ALLOC:
	case MODEL_EVENT_MAP:
		return begin(r, e->site, e->size, false, e->time);
	case MODEL_EVENT_FREE:
		return end(r, e->site, e->size, SITES_FREED);
	case MODEL_EVENT_FREE_TEMPORARY:
		return end(r, e->site, e->size, SITES_TEMPORARY);
	case MODEL_EVENT_REALLOC:
		return (e->old_site == MODEL_NO_SITE ||
			end(r, e->old_site, e->old_size, SITES_MOVED)) &&
		       begin(r, e->site, e->size, true, e->time);
	case MODEL_EVENT_UNMAP:
		return unmap(r, e);
	case MODEL_EVENT_EXIT:
		return exit_process(r, e->site);
	}
	return false;
}

void replay_finish(struct replay *r, struct checkpoint_sites *to,
		   struct checkpoint *at)
{
	for (size_t i = 0; i < r->sites.count; i++) {
		const struct site *s = &r->sites.list[i];

		to->stats[i] = s->stats;
		to->epochs[i] = s->epoch;
		to->dead[i] = s->dead;
	}
	memcpy(at->total, r->sites.total, sizeof(at->total));
}
