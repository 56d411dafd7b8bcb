/*
 * live - see live.h.
 *
 * An entry stands in its home line or, when that is full, in the first behind
 * it that is not. Taking one out of a full line moves an entry into the gap
 * that stands behind it and belongs before, so there are no tombstones and a
 * table that is used for ever stays as good as new.
 *
 * The hash's highest bits say where: so a table that grows is read and written
 * from its beginning to its end, and what has been read can be given back.
 */
#include "trace/live.h"

#include <stdlib.h>

#include "trace/pages.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	LINES_FIRST = 256,
	SHIFT_FIRST = 64 - 8,
	GIVE_BACK = 1 << 14, /* lines: a MiB */
	/* An address: what is above the tag, the tag, what is below it. */
	HIGH_SHIFT = 36,
	TAG_SHIFT = 4,
	LOW_BITS = 5, /* and the bit that the tag has set for itself */
	OTHER_BITS = 48 - HIGH_SHIFT + LOW_BITS,
};

static inline unsigned int first(unsigned int ways)
{
	return (unsigned int)__builtin_ctz(ways);
}

/* The ways, as bits, that have the tag. */
static inline unsigned int ways_with(const struct live_line *line, uint32_t tag)
{
#ifdef __SSE2__
	__m128i tags = _mm_load_si128((const __m128i *)line->tag);
	__m128i same = _mm_cmpeq_epi32(tags, _mm_set1_epi32((int)tag));

	return (unsigned int)_mm_movemask_ps(_mm_castsi128_ps(same));
#else
	unsigned int ways = 0;

	for (unsigned int i = 0; i < LIVE_WAYS; i++)
		ways |= (unsigned int)(line->tag[i] == tag) << i;
	return ways;
#endif
}

static inline uint32_t tag_of(uint64_t addr)
{
	return (uint32_t)(addr >> TAG_SHIFT) | 1;
}

/* What the tag does not say of an address. */
static inline uint64_t others_of(uint64_t addr)
{
	return addr >> HIGH_SHIFT << LOW_BITS | (addr & ((1 << LOW_BITS) - 1));
}

static inline uint64_t addr_at(const struct live_line *line, unsigned int way)
{
	uint64_t others = line->rest[way] & ((1 << OTHER_BITS) - 1);

	return others >> LOW_BITS << HIGH_SHIFT |
	       ((uint64_t)(line->tag[way] & ~1U) << TAG_SHIFT) |
	       (others & ((1 << LOW_BITS) - 1));
}

/* The way that holds the address, or LIVE_WAYS. */
static inline unsigned int way_of(const struct live_line *line, uint64_t addr)
{
	unsigned int ways = ways_with(line, tag_of(addr));

	for (; ways; ways &= ways - 1) {
		unsigned int way = first(ways);
		uint64_t others = line->rest[way] & ((1 << OTHER_BITS) - 1);

		if (others == others_of(addr))
			return way;
	}
	return LIVE_WAYS;
}

static inline size_t next(const struct live *l, size_t at)
{
	return (at + 1) & (l->size - 1);
}

static inline struct live_block unpack(const struct live *l, size_t at,
				       unsigned int way)
{
	const struct live_line *line = &l->lines[at];

	return (struct live_block){
		.site = line->site[way],
		.slack = l->slack ? l->slack[at * LIVE_WAYS + way] : 0,
		.number = line->rest[way] >> OTHER_BITS,
	};
}

static inline void set_slack(struct live *l, size_t at, unsigned int way,
			     uint32_t slack)
{
	if (slack && !l->slack)
		l->slack = pages_take(l->size * LIVE_WAYS * sizeof(*l->slack));
	if (l->slack)
		l->slack[at * LIVE_WAYS + way] = slack;
}

static inline void pack(struct live *l, size_t at, unsigned int way,
			uint64_t addr, const struct live_block *block)
{
	struct live_line *line = &l->lines[at];

	line->tag[way] = tag_of(addr);
	line->site[way] = block->site;
	line->rest[way] = block->number << OTHER_BITS | others_of(addr);
	set_slack(l, at, way, block->slack);
}

/* An address that is not there. */
static void add(struct live *l, uint64_t addr, const struct live_block *block)
{
	size_t at = live_home(l, addr);
	unsigned int free;

	while (!(free = ways_with(&l->lines[at], 0)))
		at = next(l, at);
	pack(l, at, first(free), addr, block);
}

static void give_back(struct live *l)
{
	pages_give(l->lines, l->size * sizeof(*l->lines));
	pages_give(l->slack, l->size * LIVE_WAYS * sizeof(*l->slack));
}

static void move_line(const struct live *l, size_t at, struct live *to)
{
	const struct live_line *line = &l->lines[at];

	for (unsigned int way = 0; way < LIVE_WAYS; way++) {
		struct live_block block = unpack(l, at, way);

		if (line->tag[way])
			add(to, addr_at(line, way), &block);
	}
}

static __attribute__((noinline)) void grow(struct live *l)
{
	struct live larger = {
		.size = l->size ? l->size * 2 : LINES_FIRST,
		.shift = l->size ? l->shift - 1 : SHIFT_FIRST,
		.count = l->count,
	};

	larger.most = larger.size * LIVE_WAYS / 8 * 5;
	larger.lines = pages_take(larger.size * sizeof(*larger.lines));
	for (size_t at = 0; at < l->size; at++) {
		move_line(l, at, &larger);
		if (!((at + 1) % GIVE_BACK))
			pages_forget(&l->lines[at + 1 - GIVE_BACK],
				     GIVE_BACK * sizeof(*l->lines));
	}
	give_back(l);
	*l = larger;
}

bool live_put(struct live *l, uint64_t addr, struct live_block block,
	      struct live_block *old)
{
	if (l->count >= l->most)
		grow(l);
	for (size_t at = live_home(l, addr);; at = next(l, at)) {
		const struct live_line *line = &l->lines[at];
		unsigned int way = way_of(line, addr);
		unsigned int free = ways_with(line, 0);

		if (way < LIVE_WAYS) {
			*old = unpack(l, at, way);
			pack(l, at, way, addr, &block);
			return true;
		}
		if (free) {
			pack(l, at, first(free), addr, &block);
			l->count++;
			return false;
		}
	}
}

/* Where `addr` stands: false when it does not. */
static inline bool seek(const struct live *l, uint64_t addr, size_t *at,
			unsigned int *way)
{
	if (!l->count)
		return false;
	for (*at = live_home(l, addr);; *at = next(l, *at)) {
		const struct live_line *line = &l->lines[*at];

		*way = way_of(line, addr);
		if (*way < LIVE_WAYS)
			return true;
		if (ways_with(line, 0))
			return false;
	}
}

bool live_find(const struct live *l, uint64_t addr, struct live_block *block)
{
	unsigned int way;
	size_t at;

	if (!seek(l, addr, &at, &way))
		return false;
	*block = unpack(l, at, way);
	return true;
}

/* The way in line `at` of an entry whose home is `hole` or before, or -1. */
static int find_displaced(const struct live *l, size_t at, size_t hole)
{
	const struct live_line *line = &l->lines[at];
	size_t mask = l->size - 1;

	for (int way = 0; way < LIVE_WAYS; way++) {
		size_t home = live_home(l, addr_at(line, (unsigned int)way));

		if (line->tag[way] &&
		    ((at - home) & mask) >= ((at - hole) & mask))
			return way;
	}
	return -1;
}

/* There is a gap in line `hole`, which was full: what was past it moves in. */
static __attribute__((noinline)) void close_gap(struct live *l, size_t hole,
						unsigned int gap)
{
	struct live_block block;
	size_t at = hole;
	bool was_full;

	do {
		int way;

		at = next(l, at);
		was_full = !ways_with(&l->lines[at], 0);
		way = find_displaced(l, at, hole);
		if (way < 0)
			continue;
		block = unpack(l, at, (unsigned int)way);
		pack(l, hole, gap, addr_at(&l->lines[at], (unsigned int)way),
		     &block);
		l->lines[at].tag[way] = 0;
		hole = at;
		gap = (unsigned int)way;
	} while (was_full);
}

bool live_take(struct live *l, uint64_t addr, struct live_block *block)
{
	unsigned int way;
	bool was_full;
	size_t at;

	if (!seek(l, addr, &at, &way))
		return false;
	*block = unpack(l, at, way);
	was_full = !ways_with(&l->lines[at], 0);
	l->lines[at].tag[way] = 0;
	l->count--;
	if (__builtin_expect(was_full, 0))
		close_gap(l, at, way);
	return true;
}

bool live_next(const struct live *l, size_t *at, struct live_block *block,
	       uint64_t *addr)
{
	for (; *at < l->size * LIVE_WAYS; ++*at) {
		const struct live_line *line = &l->lines[*at / LIVE_WAYS];
		unsigned int way = *at % LIVE_WAYS;

		if (!line->tag[way])
			continue;
		*block = unpack(l, *at / LIVE_WAYS, way);
		*addr = addr_at(line, way);
		++*at;
		return true;
	}
	return false;
}

void live_release(struct live *l)
{
	give_back(l);
	*l = (struct live){ 0 };
}
