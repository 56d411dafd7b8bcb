/*
 * graph - see graph.h.
 *
 * Where a word points to is a walk through arrays that no cache holds. So words
 * are looked up many at once, each step for all of them, and what the next step
 * needs is on its way meanwhile.
 */
#include "trace/graph.h"

#include <stdlib.h>

#include "trace/pages.h"
#include "trace/xmalloc.h"

enum {
	WINDOW = 1 << 20, /* bytes read at once */
	GAP = 1 << 16, /* bytes between two blocks of a window */
	BATCH = 256, /* words looked up at once */
	EDGES_MOST = 110 << 20, /* 440 MiB */
};

/* Words of blocks that may be pointers, one after the other. */
struct batch {
	struct graph *g;
	uint32_t owner[BATCH]; /* the block that has it */
	uint64_t value[BATCH];
	const struct heap_stretch *stretch[BATCH];
	uint32_t guess[BATCH];
	size_t count;
};

/* Gives the chunk of words in [addr, end) that are whole. */
static bool first_word(const struct heap *h, uint32_t block, uint64_t *at)
{
	*at = (h->addr[block] + 7) & ~(uint64_t)7;
	return *at + 8 <= h->addr[block] + h->size[block];
}

bool graph_is_table(const struct graph *g, uint64_t addr)
{
	const struct space *s = g->space;

	for (size_t i = 0; i < s->count; i++)
		if (addr >= s->modules[i].start && addr < s->modules[i].end)
			return addr % 8 == 0;
	return false;
}

static bool is_count(const struct graph *g, uint32_t block, uint64_t word)
{
	uint64_t rest = g->heap->size[block] - 8;

	return g->heap->size[block] > 8 && word && word <= rest &&
	       rest % word == 0;
}

static uint64_t read_first(const struct graph *g, uint32_t block)
{
	uint64_t word = 0;

	if (g->heap->size[block] >= sizeof(word))
		peek_read(g->peek, g->heap->addr[block], &word, sizeof(word));
	return word;
}

bool graph_is_counted(const struct graph *g, uint32_t block)
{
	if (g->beginning[block] & GRAPH_READ)
		return g->beginning[block] & GRAPH_COUNTED;
	return is_count(g, block, read_first(g, block));
}

uint64_t graph_table_of(const struct graph *g, uint32_t block)
{
	uint64_t word;

	if (g->beginning[block] & GRAPH_READ &&
	    !(g->beginning[block] & GRAPH_TABLE))
		return 0;
	word = read_first(g, block);
	return graph_is_table(g, word) ? word : 0;
}

static void add_edge(struct batch *b, uint32_t edge)
{
	b->g->edges[b->g->count++] = edge;
}

static void add(struct batch *b, uint32_t owner, uint64_t value,
		uint32_t target)
{
	struct graph *g = b->g;
	uint64_t offset = value - g->heap->addr[target];

	if (target == owner)
		return;
	/* Nobody says where in so large a block: its owner is read again. */
	if (offset > UINT32_MAX) {
		g->beginning[owner] = 0;
		return;
	}
	add_edge(b, offset ? target | GRAPH_MIDDLE : target);
	if (offset)
		add_edge(b, (uint32_t)offset);
	g->first[owner + 1] = (uint32_t)g->count;
}

/* All that have come, in order. */
static void look_up(struct batch *b)
{
	const struct heap *h = b->g->heap;

	for (size_t i = 0; i < b->count; i++)
		b->guess[i] = heap_guess(h, b->stretch[i], b->value[i]);
	for (size_t i = 0; i < b->count; i++) {
		uint32_t target =
			heap_settle(h, b->stretch[i], b->value[i], b->guess[i]);

		if (target != HEAP_NONE)
			add(b, b->owner[i], b->value[i], target);
	}
	b->count = 0;
}

static void put(struct batch *b, uint32_t owner, const uint64_t *words,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct heap_stretch *s =
			heap_stretch(b->g->heap, words[i]);

		if (!s)
			continue;
		heap_expect(s, words[i]);
		b->owner[b->count] = owner;
		b->value[b->count] = words[i];
		b->stretch[b->count++] = s;
		if (b->count == BATCH)
			look_up(b);
	}
}

/* A block whose bytes lie at `bytes`. */
static void read_block(struct batch *b, uint32_t block, const char *bytes)
{
	struct graph *g = b->g;
	const struct heap *h = g->heap;
	uint64_t at, end = (h->addr[block] + h->size[block]) & ~(uint64_t)7;
	const uint64_t *words;

	g->beginning[block] = GRAPH_READ;
	if (!first_word(h, block, &at))
		return;
	words = (const uint64_t *)(bytes + (at - h->addr[block]));
	if (is_count(g, block, *words))
		g->beginning[block] |= GRAPH_COUNTED;
	if (graph_is_table(g, *words))
		g->beginning[block] |= GRAPH_TABLE;
	put(b, block, words, (end - at) / 8);
}

/* The first block behind `block` that is not read with it at once. */
static uint32_t end_of_window(const struct heap *h, uint32_t block)
{
	uint64_t start = h->addr[block], end = start + h->size[block];

	while (++block < h->count && h->addr[block] - end <= GAP &&
	       h->size[block] < GRAPH_LARGE &&
	       h->addr[block] + h->size[block] - start <= WINDOW)
		end = h->addr[block] + h->size[block];
	return block;
}

static void close_edges(struct graph *g, uint32_t *closed, uint32_t upto)
{
	/* Those without an edge begin where the one before ends. */
	for (; *closed < upto; ++*closed)
		if (g->first[*closed + 1] < g->first[*closed])
			g->first[*closed + 1] = g->first[*closed];
}

static void read_all(struct graph *g, struct batch *b, char *buffer)
{
	const struct heap *h = g->heap;
	uint32_t closed = 0;

	for (uint32_t i = 0; i < h->count && g->count < EDGES_MOST;) {
		uint32_t end = end_of_window(h, i);
		uint64_t start = h->addr[i] & ~(uint64_t)7;
		uint64_t size = h->addr[end - 1] + h->size[end - 1] - start;
		bool is_large = h->size[i] >= GRAPH_LARGE;

		if (!is_large && peek_all(g->peek, start, buffer, size)) {
			for (; i < end; i++)
				read_block(b, i, buffer + (h->addr[i] - start));
			look_up(b);
		}
		i = end;
		close_edges(g, &closed, end);
	}
	close_edges(g, &closed, (uint32_t)h->count);
}

/*
 * Bytes for edges: each word may be one, and to a middle. The bound is looked
 * at before each window. What is not touched of it takes nothing.
 */
static size_t room_for(const struct heap *h)
{
	const size_t most = EDGES_MOST + WINDOW / 8 * 2;
	size_t edges = 1;

	for (size_t i = 0; i < h->count && edges < most; i++)
		edges += h->size[i] / 8 * 2;
	return (edges < most ? edges : most) * sizeof(uint32_t);
}

void graph_init(struct graph *g, const struct heap *heap, struct peek *peek,
		const struct space *space)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	char *buffer = xmalloc(WINDOW + GRAPH_LARGE);

	*g = (struct graph){ .heap = heap, .peek = peek, .space = space };
	g->beginning = xcalloc(heap->count + 1, sizeof(*g->beginning));
	g->first = xcalloc(heap->count + 2, sizeof(*g->first));
	pages_are_large(g->beginning, heap->count);
	pages_are_large(g->first, heap->count * sizeof(*g->first));
	g->room = room_for(heap);
	g->edges = pages_take(g->room);
	b->g = g;
	/* Edges have a bit for their own purposes. */
	if (heap->count < GRAPH_MIDDLE)
		read_all(g, b, buffer);
	free(buffer);
	free(b);
}

void graph_release(struct graph *g)
{
	free(g->first);
	pages_give(g->edges, g->room);
	free(g->beginning);
}
