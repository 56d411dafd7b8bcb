/*
 * sites - what was asked for where, and what became of it.
 *
 * Peaks
 * -----
 * What each site had at the instant of the peak costs O(1) an event. A site
 * that is about to change, for the first time since the last peak, saves what
 * it has as its share; a site that did not change since needs no saving. So a
 * peak is a number, `epoch`, and a site's share is good when the site has the
 * same number; else its share is what it has now. While memory only grows
 * nothing is saved and the number stays.
 *
 * Of a sample, counts are as recorded, and only the instant of the peak is that
 * of the estimated total.
 *
 * A site whose process has ended keeps its counts, but has nothing any more
 * for peaks to come: `dead`.
 */
#ifndef MEMPROF_TRACE_SITES_H
#define MEMPROF_TRACE_SITES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"
#include "trace/model.h"

struct site {
	struct model_site key;
	struct model_stats stats;
	uint64_t estimate; /* of live bytes, when sampled */
	uint32_t epoch; /* of the peak that the share is for, if current */
	uint32_t sibling; /* next site of the process, + 1 */
	bool touched; /* since the last checkpoint */
	bool dead;
	bool last; /* of a class: the node gets no more exact sites */
};

/* A site that was asked for lately; see sites_known(). */
struct sites_known {
	uint64_t size;
	uint32_t node_kind;
	uint32_t site; /* + 1; 0: none */
};

/* Over all processes that live. */
struct sites_total {
	uint64_t bytes, blocks;
	struct model_peak peak;
	uint64_t high; /* of bytes, or of estimate, since a sample was taken */
	uint64_t estimate, highest; /* of bytes, when sampled: now, ever */
	uint32_t epoch;
	bool saved; /* a site has this epoch */
};

struct sites {
	struct site *list; /* owned, as all arrays here */
	size_t count, capacity;
	struct index index;
	struct sites_known *known; /* owned, NULL before the first is made */
	size_t known_count; /* a power of two, or 0 */
	unsigned int known_shift;
	uint8_t *exact; /* exact sites of each node and kind */
	size_t exact_capacity;
	uint32_t *touched; /* numbers */
	size_t touched_count, touched_capacity;
	struct sites_total total[MODEL_KINDS];
	uint64_t sample; /* see weight.h; 0 when all blocks are recorded */
};

enum sites_end {
	SITES_FREED,
	SITES_TEMPORARY,
	SITES_MOVED, /* by realloc */
};

void sites_init(struct sites *s);
void sites_release(struct sites *s);

/* The site of `node` for `size` bytes, made when there is none. */
uint32_t sites_find(struct sites *s, uint32_t node, enum model_kind kind,
		    uint64_t size);
/* The smallest size of the class that has `largest` as its largest. */
uint64_t sites_class_min(uint64_t largest);
/* Readers: a site with the next number. */
void sites_append(struct sites *s, const struct model_site *key);

/* Readers: of a sample, makes estimates from stats; near where sizes share a
 * site. */
void sites_estimate(struct sites *s);

/* Part of a mapping, or the last of it. */
void sites_unmap(struct sites *s, uint32_t site, uint64_t size, bool ended);
/* Its process has ended. */
void sites_kill(struct sites *s, uint32_t site);

/* Makes the share in the peak good. */
void sites_settle(struct sites *s, uint32_t site);

/* Out of the way of those below: see sites.c. */
void sites_save(struct sites *s, struct site *site, bool share);
void sites_note_peak(struct sites *s, struct sites_total *total, uint64_t time);
bool sites_begin_sampled(struct sites *s, struct site *site, uint64_t size);
void sites_end_sampled(struct sites *s, struct site *site, uint64_t size);

enum {
	/* What a site takes in the file is saved by so many. */
	SITES_BUSY_BLOCKS = 32,
};

/* The class that `size`, more than 8, is in has 1 << that many sizes. */
static inline unsigned int sites_class_shift(uint64_t size)
{
	return 61 - (unsigned int)__builtin_clzll(size - 1);
}

/* Has each size of the class blocks enough for a site of its own? */
static inline bool sites_may_part(const struct site *class)
{
	uint64_t size = class->key.size;

	return !class->last && size > 8 &&
	       class->stats.allocs >> sites_class_shift(size) >=
		       SITES_BUSY_BLOCKS;
}

static inline uint32_t sites_node_kind(uint32_t node, enum model_kind kind)
{
	return node << 1 | kind;
}

/*
 * Where the site of (node, size) is remembered. For sizes as they are asked
 * for: whether they have a site each or share one makes no difference here,
 * and where they do share, a look here takes the place of two in the index.
 */
static inline struct sites_known *sites_known(const struct sites *s,
					      uint32_t node_kind, uint64_t size)
{
	uint64_t hash = (node_kind + size * 0xff51afd7ed558ccdULL) *
			0x9e3779b97f4a7c15ULL;

	return &s->known[hash >> s->known_shift];
}

/* The site, + 1, if it was asked for lately; else 0. */
static inline uint32_t sites_guess(const struct sites *s, uint32_t node,
				   enum model_kind kind, uint64_t size)
{
	uint32_t node_kind = sites_node_kind(node, kind);
	const struct sites_known *known;
	const struct site *site;

	if (!s->known_count)
		return 0;
	known = sites_known(s, node_kind, size);
	if (known->size != size || known->node_kind != node_kind ||
	    !known->site)
		return 0;
	site = &s->list[known->site - 1];
	return site->key.exact || !sites_may_part(site) ? known->site : 0;
}

/* Is the total higher than ever? What is no new high is no peak either. */
static inline bool sites_is_peak(struct sites_total *total, uint64_t bytes)
{
	if (bytes <= total->high)
		return false;
	total->high = bytes;
	return bytes > total->peak.bytes;
}

/* A block or mapping begins; `time` is for the peak. */
static inline void sites_begin(struct sites *s, uint32_t number, uint64_t size,
			       bool moved, uint64_t time)
{
	struct site *site = &s->list[number];
	struct sites_total *total = &s->total[site->key.kind];
	bool is_peak = s->sample ? sites_begin_sampled(s, site, size)
				 : sites_is_peak(total, total->bytes + size);

	/* A new peak finds the share where it looks: in what is live. */
	if ((site->epoch != total->epoch && !is_peak) || !site->touched)
		sites_save(s, site, !is_peak);
	if (moved)
		site->stats.moved_in++;
	else
		site->stats.allocs++;
	site->stats.bytes += size;
	total->bytes += size;
	total->blocks++;
	if (is_peak)
		sites_note_peak(s, total, time);
}

static inline void sites_end(struct sites *s, uint32_t number, uint64_t size,
			     enum sites_end how)
{
	struct site *site = &s->list[number];
	struct sites_total *total = &s->total[site->key.kind];

	assert(model_live_blocks(&site->stats) > 0);
	assert(model_live_bytes(&site->stats) >= size);
	if (s->sample)
		sites_end_sampled(s, site, size);
	if (site->epoch != total->epoch || !site->touched)
		sites_save(s, site, true);
	if (how == SITES_MOVED)
		site->stats.moved_out++;
	else
		site->stats.frees++;
	site->stats.temporary += how == SITES_TEMPORARY;
	site->stats.freed_bytes += size;
	total->bytes -= size;
	total->blocks--;
}

#endif
