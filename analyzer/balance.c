/*
 * Design
 * ------
 * The kernel tells what is resident, the events what the program had asked for
 * at that time. glibc's malloc gives a block the size asked for and eight bytes,
 * in steps of 16 and 32 at least, and maps whole pages for large ones: so what
 * rounding costs follows from the sizes of the blocks. What is more than these
 * in the allocator's memory is free there; what is less was asked for but never
 * touched.
 *
 * Large blocks have mappings of their own, which look like any anonymous
 * memory. So of that as much is taken for them as such blocks were live, and
 * only the rest is unexplained.
 *
 * Python's small objects lie in arenas, which it maps, and not in the
 * allocator's memory. They are known by their stacks, which have Python's frames
 * only; those from before its frames were read are not, so in a run that has
 * any, what the allocator's memory can not hold is taken for some as well.
 */
#include "analyzer/profile.h"

#include <stdio.h>
#include <string.h>

enum {
	CHUNK_HEAD = 8, /* bytes; as glibc has it on 64-bit machines */
	CHUNK_STEP = 16,
	CHUNK_MIN = 32,
	PAGE = 4096,
	LARGE = 128
		<< 10, /* where mappings begin, unless the program learned */
	POOLED = 512, /* bytes: the largest of Python's small objects */
};

static uint64_t round_up(uint64_t size, uint64_t step)
{
	return (size + step - 1) / step * step;
}

/* What a block of `size` bytes takes. */
static uint64_t chunk_size(uint64_t size)
{
	uint64_t chunk = round_up(size + CHUNK_HEAD, CHUNK_STEP);

	if (size >= LARGE)
		return round_up(size + 2 * CHUNK_HEAD, PAGE);
	return chunk < CHUNK_MIN ? CHUNK_MIN : chunk;
}

struct heap {
	uint64_t requested, chunks, large;
	uint64_t pooled; /* bytes of Python's small objects, as requested */
};

/* Has the innermost frame of the site Python's code? */
static bool is_of_python(const struct profile *p, size_t site)
{
	size_t node_count, frame_count;
	const struct model_node *nodes = trace_nodes(p->trace, &node_count);
	const struct model_frame *frames = trace_frames(p->trace, &frame_count);
	uint32_t node = p->sites[site].node;

	return node < node_count && nodes[node].frame < frame_count &&
	       frames[nodes[node].frame].kind == MODEL_FRAME_PYTHON;
}

static struct heap add_up_heap(const struct profile *p)
{
	struct heap h = { 0 };

	for (size_t i = 0; i < p->site_count; i++) {
		struct query_counts c = { 0 };
		uint64_t size, chunks;

		if (p->sites[i].kind != MODEL_HEAP)
			continue;
		profile_add_site(p, &c, i);
		if (!c.live_blocks)
			continue;
		size = c.live_bytes / c.live_blocks;
		if (size <= POOLED && is_of_python(p, i)) {
			h.pooled += c.live_bytes;
			continue;
		}
		chunks = c.live_blocks * chunk_size(size);
		/* Blocks of one site may differ. */
		if (chunks < c.live_bytes)
			chunks = c.live_bytes;
		h.requested += c.live_bytes;
		h.chunks += chunks;
		if (size >= LARGE)
			h.large += chunks;
	}
	return h;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What can not lie in the allocator's memory are objects, if there are some. */
static void pool_excess(struct heap *h, uint64_t heap)
{
	uint64_t objects;

	if (!h->pooled || h->chunks <= heap)
		return;
	objects = (uint64_t)((double)h->requested / (double)h->chunks *
			     (double)(h->chunks - heap));
	h->pooled += objects;
	h->requested -= objects;
	h->chunks = heap;
}

static void explain(struct query_balance *b, const uint64_t *resident,
		    struct heap *h)
{
	uint64_t own = resident[MODEL_RESIDENT_OTHER];
	uint64_t large = smaller(own, h->large);
	uint64_t heap = resident[MODEL_RESIDENT_HEAP] + large;
	uint64_t mapped = resident[MODEL_RESIDENT_MAPPED], arenas;

	pool_excess(h, heap);
	/* Arenas from before it was attached are not known to be mapped. */
	arenas = smaller(h->pooled, mapped);
	b->pooled = arenas + smaller(h->pooled - arenas, own - large);
	for (size_t i = 0; i < MODEL_RESIDENTS; i++)
		b->resident += resident[i];
	b->heap = heap;
	b->requested = h->requested;
	b->rounding = h->chunks - h->requested;
	if (heap >= h->chunks)
		b->free = heap - h->chunks;
	else
		b->untouched = h->chunks - heap;
	b->mapped = mapped - arenas;
	b->stacks = resident[MODEL_RESIDENT_STACK];
	b->files = resident[MODEL_RESIDENT_FILE];
	b->agent = resident[MODEL_RESIDENT_AGENT];
	b->unexplained = own - large - (b->pooled - arenas);
}

/* All processes that were looked at at one time; where the next one begins. */
static size_t add_moment(const struct model_balance *list, size_t from,
			 size_t count, uint64_t sum[MODEL_RESIDENTS])
{
	size_t i;

	memset(sum, 0, MODEL_RESIDENTS * sizeof(*sum));
	for (i = from; i < count && list[i].time == list[from].time; i++)
		for (size_t k = 0; k < MODEL_RESIDENTS; k++)
			sum[k] += list[i].bytes[k];
	return i;
}

static uint64_t total(const uint64_t sum[MODEL_RESIDENTS])
{
	uint64_t all = 0;

	for (size_t k = 0; k < MODEL_RESIDENTS; k++)
		all += sum[k];
	return all;
}

/* The entry that begins the moment: the last, or that of most memory. */
static size_t choose(const struct model_balance *list, size_t count,
		     bool highest)
{
	uint64_t sum[MODEL_RESIDENTS], most = 0;
	size_t best = 0;

	for (size_t i = 0, next; i < count; i = next) {
		next = add_moment(list, i, count, sum);
		if (highest && total(sum) <= most)
			continue;
		most = total(sum);
		best = i;
	}
	return best;
}

int profile_balance(struct profile *p, bool highest, struct query_balance *b,
		    struct err *err)
{
	uint64_t sum[MODEL_RESIDENTS];
	const char *back = p->instant;
	const struct model_balance *list;
	struct heap h;
	char when[40];
	size_t count, at;

	*b = (struct query_balance){ 0 };
	list = trace_balance(p->trace, &count);
	if (!count)
		return 0;
	at = choose(list, count, highest);
	add_moment(list, at, count, sum);
	snprintf(when, sizeof(when), "%juns", (uintmax_t)list[at].time);
	if (profile_seek(p, when, err) < 0)
		return -1;
	h = add_up_heap(p);
	b->time = list[at].time;
	explain(b, sum, &h);
	return profile_seek(p, back, err);
}
