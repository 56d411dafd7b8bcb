/*
 * sites - see sites.h.
 *
 * Sizes
 * -----
 * A node has up to MODEL_EXACT_SIZES sites of one size each. A node that asks
 * for more sizes, as a string or a growing array does, gets sites for classes
 * of sizes, four to a doubling; who frees must then know the block's size. A
 * class that turns out to be busy is worth more sites of one size: they save
 * the size of every block. What a block lacks of its class's size is kept in 32
 * bits, so huge blocks have sites of their own.
 */
#include "trace/sites.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trace/pages.h"
#include "trace/weight.h"
#include "trace/xmalloc.h"

enum {
	EXACT_MOST = 255, /* sizes of a node that have sites of their own */
	KNOWN_BITS_FIRST = 10,
	KNOWN_BITS_MOST = 19, /* 8 MiB */
};

#define SIZE_HUGE (1ULL << 32)

static uint64_t hash_of(const struct model_site *k)
{
	return index_mix((uint64_t)k->node << 2 | k->kind << 1 | k->exact,
			 k->size);
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct sites *s = table;

	return hash_of(&s->list[number].key);
}

void sites_init(struct sites *s)
{
	*s = (struct sites){ 0 };
	for (size_t i = 0; i < MODEL_KINDS; i++)
		s->total[i].epoch = 1;
}

void sites_release(struct sites *s)
{
	free(s->list);
	pages_give(s->known, s->known_count * sizeof(*s->known));
	free(s->exact);
	free(s->touched);
	index_release(&s->index);
	*s = (struct sites){ 0 };
}

/* The largest size of the class that `size` is in. */
static uint64_t class_of(uint64_t size)
{
	unsigned int shift;

	if (size <= 8)
		return size;
	shift = sites_class_shift(size);
	return (((size - 1) >> shift) + 1) << shift;
}

uint64_t sites_class_min(uint64_t largest)
{
	if (largest <= 8)
		return largest;
	return largest - (1ULL << sites_class_shift(largest)) + 1;
}

static uint32_t look_up(const struct sites *s, const struct model_site *k)
{
	uint64_t hash = hash_of(k);
	uint32_t id;

	for (size_t at = index_start(&s->index, hash);
	     (id = index_at(&s->index, at)); at = index_next(&s->index, at)) {
		const struct model_site *had = &s->list[id - 1].key;

		if (had->node == k->node && had->size == k->size &&
		    had->kind == k->kind && had->exact == k->exact)
			return id;
	}
	return 0;
}

void sites_append(struct sites *s, const struct model_site *key)
{
	s->list = xgrow(s->list, &s->capacity, s->count + 1, sizeof(*s->list));
	s->list[s->count++] = (struct site){ .key = *key };
}

static uint32_t add(struct sites *s, const struct model_site *key)
{
	uint32_t number = (uint32_t)s->count;

	sites_append(s, key);
	index_add(&s->index, number, s, hash_entry);
	return number + 1;
}

/* How many exact sites the node has for the kind. */
static uint8_t *exact_count(struct sites *s, const struct model_site *k)
{
	size_t at = (size_t)k->node * MODEL_KINDS + k->kind;
	size_t had = s->exact_capacity;

	s->exact = xgrow(s->exact, &s->exact_capacity, at + 1, 1);
	if (s->exact_capacity > had)
		memset(s->exact + had, 0, s->exact_capacity - had);
	return &s->exact[at];
}

/* The site of the size's class, + 1; 0 none. */
static uint32_t look_up_class(const struct sites *s, const struct model_site *k)
{
	struct model_site class = *k;

	class.exact = false;
	class.size = class_of(k->size);
	return look_up(s, &class);
}

static uint32_t find_or_add(struct sites *s, struct model_site key)
{
	uint32_t found = look_up(s, &key);
	uint8_t *exact;

	if (found)
		return found;
	exact = exact_count(s, &key);
	if (*exact >= MODEL_EXACT_SIZES)
		found = look_up_class(s, &key);
	if (*exact == EXACT_MOST && found)
		s->list[found - 1].last = true;
	if (*exact < MODEL_EXACT_SIZES || key.size > SIZE_HUGE ||
	    (found && sites_may_part(&s->list[found - 1]))) {
		*exact += *exact < EXACT_MOST;
		return add(s, &key);
	}
	if (found)
		return found;
	key.exact = false;
	key.size = class_of(key.size);
	return add(s, &key);
}

static void take_known(struct sites *s, unsigned int bits)
{
	pages_give(s->known, s->known_count * sizeof(*s->known));
	s->known_count = (size_t)1 << bits;
	s->known_shift = 64 - bits;
	s->known = pages_take(s->known_count * sizeof(*s->known));
}

/* What has been found is remembered, in a table that grows with the sites. */
static void remember(struct sites *s, struct sites_known known)
{
	unsigned int bits = 64 - s->known_shift;

	if (!s->known_count)
		take_known(s, KNOWN_BITS_FIRST);
	else if (s->count > s->known_count && bits < KNOWN_BITS_MOST)
		take_known(s, bits + 2);
	*sites_known(s, known.node_kind, known.size) = known;
}

uint32_t sites_find(struct sites *s, uint32_t node, enum model_kind kind,
		    uint64_t size)
{
	uint32_t found =
		find_or_add(s, (struct model_site){ .node = node,
						    .kind = (uint8_t)kind,
						    .exact = true,
						    .size = size });

	remember(s,
		 (struct sites_known){ .size = size,
				       .node_kind = sites_node_kind(node, kind),
				       .site = found });
	return found - 1;
}

static void save_share(struct site *site, struct sites_total *total)
{
	struct model_stats *stats = &site->stats;

	if (site->epoch == total->epoch)
		return;
	stats->peak_blocks = site->dead ? 0 : model_live_blocks(stats);
	stats->peak_bytes = site->dead ? 0 : model_live_bytes(stats);
	site->epoch = total->epoch;
	total->saved = true;
}

static void mark_touched(struct sites *s, struct site *site)
{
	if (site->touched)
		return;
	site->touched = true;
	s->touched = xgrow(s->touched, &s->touched_capacity,
			   s->touched_count + 1, sizeof(*s->touched));
	s->touched[s->touched_count++] = (uint32_t)(site - s->list);
}

static void reset_epochs(struct sites *s, struct sites_total *total)
{
	for (size_t i = 0; i < s->count; i++)
		if (&s->total[s->list[i].key.kind] == total)
			s->list[i].epoch = 0;
	total->epoch = 1;
}

/* Before a site changes: remembers that it did and, if asked, its share. */
void sites_save(struct sites *s, struct site *site, bool share)
{
	if (share)
		save_share(site, &s->total[site->key.kind]);
	mark_touched(s, site);
}

/* The total has never been as high. */
void sites_note_peak(struct sites *s, struct sites_total *total, uint64_t time)
{
	total->peak = (struct model_peak){ .bytes = total->bytes,
					   .blocks = total->blocks,
					   .time = time };
	if (!total->saved)
		return;
	total->saved = false;
	if (!++total->epoch)
		reset_epochs(s, total);
}

static uint64_t estimate(const struct sites *s, const struct site *site,
			 uint64_t size)
{
	if (site->key.kind != MODEL_HEAP)
		return size;
	return (uint64_t)((double)size * weight_of(size, s->sample));
}

/* Counts a sampled block. Is the estimate higher than ever? */
bool sites_begin_sampled(struct sites *s, struct site *site, uint64_t size)
{
	struct sites_total *total = &s->total[site->key.kind];
	uint64_t bytes = estimate(s, site, size);

	site->estimate += bytes;
	total->estimate += bytes;
	if (total->estimate > total->high)
		total->high = total->estimate;
	if (total->estimate <= total->highest)
		return false;
	total->highest = total->estimate;
	return true;
}

void sites_end_sampled(struct sites *s, struct site *site, uint64_t size)
{
	uint64_t bytes = estimate(s, site, size);

	/* After sites_estimate() it may be a little too low. */
	if (bytes > site->estimate)
		bytes = site->estimate;
	site->estimate -= bytes;
	s->total[site->key.kind].estimate -= bytes;
}

/* What so many blocks of the site stand for, taken to be of one size. */
static uint64_t estimate_of(const struct sites *s, const struct site *site,
			    uint64_t blocks, uint64_t bytes)
{
	return blocks ? blocks * estimate(s, site, bytes / blocks) : 0;
}

void sites_estimate(struct sites *s)
{
	for (size_t i = 0; i < MODEL_KINDS; i++)
		s->total[i].estimate = s->total[i].highest = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct site *site = &s->list[i];
		struct sites_total *total = &s->total[site->key.kind];
		const struct model_stats *stats = &site->stats;

		site->estimate = 0;
		if (!site->dead)
			site->estimate =
				estimate_of(s, site, model_live_blocks(stats),
					    model_live_bytes(stats));
		total->estimate += site->estimate;
		if (site->epoch == total->epoch)
			total->highest += estimate_of(
				s, site, stats->peak_blocks, stats->peak_bytes);
		else
			total->highest += site->estimate;
	}
}

void sites_unmap(struct sites *s, uint32_t number, uint64_t size, bool ended)
{
	struct site *site = &s->list[number];
	struct sites_total *total = &s->total[site->key.kind];

	assert(model_live_bytes(&site->stats) >= size);
	assert(!ended || model_live_blocks(&site->stats) > 0);
	if (s->sample)
		sites_end_sampled(s, site, size);
	sites_save(s, site, true);
	site->stats.frees += ended;
	site->stats.freed_bytes += size;
	total->bytes -= size;
	total->blocks -= ended;
}

void sites_kill(struct sites *s, uint32_t number)
{
	struct site *site = &s->list[number];
	struct sites_total *total = &s->total[site->key.kind];

	if (site->dead)
		return;
	sites_save(s, site, true);
	total->bytes -= model_live_bytes(&site->stats);
	total->blocks -= model_live_blocks(&site->stats);
	total->estimate -= site->estimate;
	site->estimate = 0;
	site->dead = true;
}

void sites_settle(struct sites *s, uint32_t number)
{
	struct site *site = &s->list[number];

	save_share(site, &s->total[site->key.kind]);
}
