/*
 * tally - see tally.h.
 */
#include "trace/tally.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void tally_init(struct tally *t, const struct catalog *c)
{
	size_t n = c->site_count;

	*t = (struct tally){
		.block = 1,
		.sites = { .sites = c->sites,
			   .stats = xcalloc(n, sizeof(*t->sites.stats)),
			   .epochs = xcalloc(n, sizeof(*t->sites.epochs)),
			   .dead = xcalloc(n, sizeof(*t->sites.dead)),
			   .count = n },
	};
}

void tally_reset(struct tally *t)
{
	size_t n = t->sites.count;

	memset(t->sites.stats, 0, n * sizeof(*t->sites.stats));
	memset(t->sites.epochs, 0, n * sizeof(*t->sites.epochs));
	memset(t->sites.dead, 0, n * sizeof(*t->sites.dead));
	t->at = (struct checkpoint){ 0 };
	t->block = 1;
}

void tally_release(struct tally *t)
{
	free(t->sites.stats);
	free(t->sites.epochs);
	free(t->sites.dead);
}

bool tally_read(struct tally *t, const struct blocks *b, size_t block,
		struct blocks_loader *l)
{
	const uint8_t *payload = blocks_load(b, block, l);
	struct checkpoint at;

	if (!payload ||
	    !checkpoint_read(payload, b->list[block].head.raw, &at, &t->sites))
		return false;
	t->at = at;
	t->block = block + 1;
	return true;
}

void tally_settle(struct tally *t)
{
	for (size_t i = 0; i < t->sites.count; i++) {
		struct model_stats *s = &t->sites.stats[i];
		enum model_kind kind = t->sites.sites[i].kind;

		if (t->sites.epochs[i] == t->at.total[kind].epoch)
			continue;
		s->peak_blocks = t->sites.dead[i] ? 0 : model_live_blocks(s);
		s->peak_bytes = t->sites.dead[i] ? 0 : model_live_bytes(s);
	}
}

void tally_bury(struct tally *t)
{
	for (size_t i = 0; i < t->sites.count; i++) {
		struct model_stats *s = &t->sites.stats[i];

		if (!t->sites.dead[i])
			continue;
		s->frees += model_live_blocks(s);
		s->freed_bytes = s->bytes;
	}
}

bool tally_fits(const struct tally *t)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->sites.count; i++) {
		const struct model_stats *s = &t->sites.stats[i];
		uint64_t begun, one;

		if (__builtin_add_overflow(s->allocs, s->moved_in, &begun) ||
		    __builtin_add_overflow(begun, s->bytes, &one) ||
		    __builtin_add_overflow(one, s->peak_blocks, &one) ||
		    __builtin_add_overflow(one, s->peak_bytes, &one) ||
		    __builtin_add_overflow(sum, one, &sum))
			return false;
	}
	return sum <= INT64_MAX;
}
