/*
 * replay - see replay.h.
 */
#include "trace/replay.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void replay_init(struct replay *r, const struct catalog *c, uint64_t sample)
{
	uint32_t *processes = catalog_processes(c);

	sites_init(&r->sites);
	r->sites.sample = sample;
	r->processes = c->process_count;
	r->first = xcalloc(c->process_count, sizeof(*r->first));
	r->ended = xcalloc(c->process_count, sizeof(*r->ended));
	for (size_t i = 0; i < c->site_count; i++) {
		uint32_t process = processes[i];

		sites_append(&r->sites, &c->sites[i]);
		/* Nobody asks which were touched. */
		r->sites.list[i].touched = true;
		if (process >= r->processes)
			continue;
		r->sites.list[i].sibling = r->first[process];
		r->first[process] = (uint32_t)i + 1;
	}
	free(processes);
}

void replay_release(struct replay *r)
{
	sites_release(&r->sites);
	free(r->first);
	free(r->ended);
}

void replay_load(struct replay *r, const struct tally *from)
{
	for (size_t i = 0; i < r->sites.count; i++) {
		struct site *s = &r->sites.list[i];

		s->stats = from->sites.stats[i];
		s->epoch = from->sites.epochs[i];
		s->dead = from->sites.dead[i];
	}
	memset(r->ended, 0, r->processes * sizeof(*r->ended));
	memcpy(r->sites.total, from->at.total, sizeof(r->sites.total));
	for (size_t i = 0; i < MODEL_KINDS; i++)
		if (!r->sites.total[i].epoch)
			r->sites.total[i].epoch = 1;
	if (r->sites.sample)
		sites_estimate(&r->sites);
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
	uint32_t at;

	/* Nobody ends twice: a file that says so would take for ever. */
	if (process >= r->processes || r->ended[process])
		return false;
	r->ended[process] = true;
	at = r->first[process];
	for (; at; at = r->sites.list[at - 1].sibling) {
		const struct site *s = &r->sites.list[at - 1];

		if (s->dead)
			continue;
		if (!has(r, at - 1, model_live_bytes(&s->stats), false) ||
		    r->sites.total[s->key.kind].blocks <
			    model_live_blocks(&s->stats))
			return false;
		sites_kill(&r->sites, at - 1);
	}
	return true;
}

bool replay_move_out(struct replay *r, const struct model_event *e)
{
	return end(r, e->old_site, e->old_size, SITES_MOVED);
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

void replay_finish(const struct replay *r, struct tally *to)
{
	for (size_t i = 0; i < r->sites.count; i++) {
		const struct site *s = &r->sites.list[i];

		to->sites.stats[i] = s->stats;
		to->sites.epochs[i] = s->epoch;
		to->sites.dead[i] = s->dead;
	}
	memcpy(to->at.total, r->sites.total, sizeof(to->at.total));
}
