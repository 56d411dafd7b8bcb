/*
 * scan - see scan.h.
 *
 * What a block holds is charged to who found it first; roots are gone through in
 * order. What points where is known by then, but for some blocks, which are read
 * when they are found.
 */
#include "trace/scan.h"

#include <stdlib.h>
#include <string.h>

#include "trace/graph.h"
#include "trace/pages.h"
#include "trace/xmalloc.h"

enum {
	BUFFER = 1 << 20, /* bytes read at once */
	UNTOUCHED_LEAST = 1 << 16, /* ranges in which pages are asked for */
	ROOTS_SAID = 4096, /* the largest; the others are put together */
	ROOTS_MOST = 1 << 22,
	MINIMUM_CHUNK = 32,
};

enum state {
	UNSEEN,
	REACHABLE,
	POSSIBLE,
	DEFINITE,
	INDIRECT,
};

struct work {
	const struct scan *s;
	struct graph graph;
	uint8_t *state; /* enum state, of each block; owned, as all here */
	/* Root that holds it, or block that it is lost with. */
	uint32_t *owner;
	uint32_t *stack; /* found and not yet read */
	size_t depth, capacity;
	uint32_t *later; /* found by their middle only */
	size_t later_count, later_capacity;
	struct model_root *roots;
	size_t root_count, root_capacity;
	char *buffer;
	enum state as; /* what is found now */
	uint32_t for_whom;
	uint32_t range_root; /* of the range, but for its variables */
};

static void push(struct work *w, uint32_t block)
{
	w->stack =
		xgrow(w->stack, &w->capacity, w->depth + 1, sizeof(*w->stack));
	w->stack[w->depth++] = block;
}

static void take(struct work *w, uint32_t block)
{
	w->state[block] = (uint8_t)w->as;
	w->owner[block] = w->for_whom;
	push(w, block);
}

static void put_off(struct work *w, uint32_t block)
{
	w->later = xgrow(w->later, &w->later_capacity, w->later_count + 1,
			 sizeof(*w->later));
	w->later[w->later_count++] = block;
	w->owner[block] = w->for_whom;
}

/* Do the block and what is pointed to both begin with a table of functions? */
static bool is_base(const struct work *w, uint32_t block, uint64_t value)
{
	const struct heap *h = w->s->heap;
	uint64_t of_block, of_base;

	if (value % 8 || h->addr[block] + h->size[block] - value < 8)
		return false;
	of_block = graph_table_of(&w->graph, block);
	if (!of_block)
		return false;
	peek_read(w->s->peek, value, &of_base, sizeof(of_base));
	return of_block != of_base && graph_is_table(&w->graph, of_base);
}

/*
 * Python 3.11 and 3.12 point to the values of an instance behind a head, whose
 * last byte says how long it is; 3.12 points to that byte.
 */
static bool is_values(const struct work *w, uint32_t block, uint64_t value)
{
	uint64_t last = value % 8 ? value : value - 1;
	uint64_t head = last + 1 - w->s->heap->addr[block];
	uint8_t said;

	if (head % 8 || head > UINT8_MAX)
		return false;
	peek_read(w->s->peek, last, &said, sizeof(said));
	return said == head;
}

static bool is_start(const struct work *w, uint32_t block, uint64_t value)
{
	uint64_t offset = value - w->s->heap->addr[block];

	return !offset ||
	       (w->s->python &&
		(offset == 16 || offset == 32 || is_values(w, block, value))) ||
	       (offset == 8 && graph_is_counted(&w->graph, block)) ||
	       is_base(w, block, value);
}

/* Another that was lost by itself is lost with the one at hand. */
static void join(struct work *w, uint32_t block)
{
	if (w->state[block] != DEFINITE || block == w->for_whom)
		return;
	w->state[block] = INDIRECT;
	w->owner[block] = w->for_whom;
}

/* By a pointer to its start, or to what counts as that. */
static void find_start(struct work *w, uint32_t block)
{
	if (w->state[block] == UNSEEN)
		take(w, block);
	else if (w->as == DEFINITE || w->as == INDIRECT)
		join(w, block);
}

static void find(struct work *w, uint32_t block, uint64_t value)
{
	if (w->as != REACHABLE || w->state[block] != UNSEEN ||
	    is_start(w, block, value))
		find_start(w, block);
	else
		put_off(w, block);
}

static void scan_words(struct work *w, const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t block = heap_find(w->s->heap, words[i]);

		if (block != HEAP_NONE)
			find(w, block, words[i]);
	}
}

/* Of a range, without the pages that were never touched. */
static void scan_large(struct work *w, uint64_t addr, uint64_t end)
{
	while (addr < end && !w->s->peek->gone) {
		uint64_t skip = peek_untouched(w->s->peek, addr, end);
		uint64_t size = end - addr < BUFFER ? end - addr : BUFFER;

		if (skip) {
			addr += skip;
			continue;
		}
		/* Up to a page's beginning, where pages can be asked for. */
		size -= size == BUFFER ? (addr + size) % 4096 : 0;
		peek_read(w->s->peek, addr, w->buffer, size);
		scan_words(w, (const uint64_t *)w->buffer, size / 8);
		addr += size;
	}
}

/* The whole words of a block. */
static void scan_block(struct work *w, uint32_t block)
{
	const struct heap *h = w->s->heap;
	uint64_t addr = (h->addr[block] + 7) & ~(uint64_t)7;
	uint64_t end = (h->addr[block] + h->size[block]) & ~(uint64_t)7;

	if (addr < end && end - addr > GRAPH_LARGE) {
		scan_large(w, addr, end);
		return;
	}
	while (addr < end) {
		size_t size = end - addr;
		const char *words = peek_at(w->s->peek, addr, &size);

		memcpy(w->buffer, words, size);
		scan_words(w, (const uint64_t *)w->buffer, size / 8);
		addr += size;
	}
}

/* What is known to be in a block. */
static void scan_edges(struct work *w, uint32_t block)
{
	const uint32_t *edge = w->graph.edges + w->graph.first[block];
	const uint32_t *end = w->graph.edges + w->graph.first[block + 1];

	while (edge < end) {
		uint32_t target = *edge++;

		if (!(target & GRAPH_MIDDLE)) {
			find_start(w, target);
			continue;
		}
		target &= ~GRAPH_MIDDLE;
		find(w, target, w->s->heap->addr[target] + *edge++);
	}
}

/* Goes through what was found until nothing more is. */
static void follow(struct work *w)
{
	while (w->depth && !w->s->peek->gone) {
		uint32_t block = w->stack[--w->depth];

		if (w->graph.beginning[block] & GRAPH_READ)
			scan_edges(w, block);
		else
			scan_block(w, block);
	}
}

static uint32_t add_root(struct work *w, const struct model_root *root)
{
	if (w->root_count == ROOTS_MOST)
		return ROOTS_MOST - 1;
	w->roots = xgrow(w->roots, &w->root_capacity, w->root_count + 1,
			 sizeof(*w->roots));
	w->roots[w->root_count] = *root;
	return (uint32_t)w->root_count++;
}

/*
 * In the C library's own data an address where a block of the allocator's
 * begins, which lies within the last bytes of the one before, is no pointer to
 * that: bins and the top of the heap are kept so.
 */
static bool is_books(const struct heap *h, uint32_t block, uint64_t value)
{
	uint64_t chunk = (h->size[block] + 8 + 15) & ~(uint64_t)15;

	if (chunk < MINIMUM_CHUNK)
		chunk = MINIMUM_CHUNK;
	return value == h->addr[block] - 16 + chunk;
}

/* Is it a variable, and thus a root of its own? Then `root` says where. */
static bool is_variable(const struct roots_range *r, uint64_t addr,
			struct model_root *root)
{
	const struct roots_locals *l = &r->locals;

	if (r->kind == MODEL_ROOT_GLOBAL)
		return true;
	root->addr = r->start;
	if (r->kind != MODEL_ROOT_THREAD_LOCAL || addr - l->start >= l->size)
		return false;
	root->module = l->module;
	root->addr = addr - l->start;
	return true;
}

/* A word of a range. */
static void find_from(struct work *w, const struct roots_range *r,
		      uint64_t addr, uint64_t value)
{
	const struct heap *h = w->s->heap;
	uint32_t block = heap_find(h, value);
	struct model_root root = { .kind = r->kind,
				   .module = r->module,
				   .addr = addr - r->bias,
				   .tid = r->tid };

	if (block == HEAP_NONE || w->state[block] != UNSEEN ||
	    (r->is_libc && is_books(h, block, value)))
		return;
	if (is_variable(r, addr, &root)) {
		w->for_whom = add_root(w, &root);
	} else if (w->range_root == HEAP_NONE) {
		w->for_whom = w->range_root = add_root(w, &root);
	} else {
		w->for_whom = w->range_root;
	}
	find(w, block, value);
}

static void scan_piece(struct work *w, const struct roots_range *r,
		       uint64_t addr, uint64_t size)
{
	uint64_t *words = xmalloc(BUFFER);

	peek_read(w->s->peek, addr, words, size);
	for (size_t i = 0; i < size / 8; i++) {
		find_from(w, r, addr + i * 8, words[i]);
		if (w->depth)
			follow(w);
	}
	free(words);
}

static void scan_range(struct work *w, const struct roots_range *r)
{
	uint64_t addr = (r->start + 7) & ~(uint64_t)7;
	bool sparse = r->is_private && r->end - r->start >= UNTOUCHED_LEAST;

	w->range_root = HEAP_NONE;
	while (addr < r->end && !w->s->peek->gone) {
		uint64_t size = r->end - addr < BUFFER ? r->end - addr : BUFFER;
		uint64_t skip =
			sparse ? peek_untouched(w->s->peek, addr, r->end) : 0;

		if (skip) {
			addr += skip;
			continue;
		}
		size -= size == BUFFER ? (addr + size) % 4096 : 0;
		scan_piece(w, r, addr, size);
		addr += size;
	}
}

static void scan_single(struct work *w, const struct scan_word *word)
{
	const struct roots_range r = { .kind = word->kind,
				       .module = MODEL_NONE,
				       .tid = word->tid };

	w->range_root = HEAP_NONE;
	find_from(w, &r, 0, word->value);
	follow(w);
}

static void find_held(struct work *w)
{
	const struct scan *s = w->s;

	w->as = REACHABLE;
	for (size_t i = 0; i < s->range_count; i++)
		scan_range(w, &s->ranges[i]);
	for (size_t i = 0; i < s->word_count; i++)
		scan_single(w, &s->words[i]);
	w->as = POSSIBLE;
	for (size_t i = 0; i < w->later_count; i++) {
		uint32_t block = w->later[i];

		if (w->state[block] != UNSEEN)
			continue;
		w->for_whom = w->owner[block];
		take(w, block);
		follow(w);
	}
}

static void find_lost(struct work *w)
{
	for (uint32_t i = 0; i < w->s->heap->count; i++) {
		if (w->state[i] != UNSEEN)
			continue;
		w->for_whom = i;
		w->as = DEFINITE;
		take(w, i);
		w->as = INDIRECT;
		follow(w);
	}
}

/* With which of those definitely lost a block is lost. */
static uint32_t leader_of(const struct work *w, uint32_t block)
{
	while (w->state[block] == INDIRECT) {
		uint32_t *owner = &w->owner[block];

		/* A list that is lost may be as long as there are blocks. */
		if (w->state[*owner] == INDIRECT)
			*owner = w->owner[*owner];
		block = *owner;
	}
	return block;
}

static enum model_leak_class class_of(enum state state)
{
	switch (state) {
	case REACHABLE:
		return MODEL_LEAK_REACHABLE;
	case POSSIBLE:
		return MODEL_LEAK_POSSIBLE;
	case INDIRECT:
		return MODEL_LEAK_INDIRECT;
	default:
		return MODEL_LEAK_DEFINITE;
	}
}

static void count_block(const struct work *w, uint32_t i,
			struct model_leak *sites)
{
	const struct heap *h = w->s->heap;
	enum model_leak_class class = class_of((enum state)w->state[i]);
	uint64_t size = h->size[i];
	struct model_leak *site = &sites[h->site[i]];
	struct model_leak *leader;
	struct model_root *root;

	site->blocks[class]++;
	site->bytes[class] += size;
	if (class == MODEL_LEAK_INDIRECT) {
		leader = &sites[h->site[leader_of(w, i)]];
		leader->held_blocks++;
		leader->held_bytes += size;
	} else if (class != MODEL_LEAK_DEFINITE) {
		root = &w->roots[w->owner[i]];
		root->blocks++;
		root->bytes += size;
	}
}

static void count_sites(const struct work *w, struct model_leaks *l)
{
	struct model_leak *sites =
		xcalloc(w->s->site_count + 1, sizeof(*sites));
	size_t count = 0;

	for (uint32_t i = 0; i < w->s->heap->count; i++)
		count_block(w, i, sites);
	for (size_t i = 0; i < w->s->site_count; i++) {
		uint64_t blocks = 0;

		for (size_t k = 0; k < MODEL_LEAK_CLASSES; k++)
			blocks += sites[i].blocks[k];
		if (!blocks)
			continue;
		sites[count] = sites[i];
		sites[count++].site = (uint32_t)i;
	}
	l->sites = sites;
	l->site_count = count;
}

static int compare_roots(const void *a, const void *b)
{
	const struct model_root *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* The largest, and what the others hold by kind. */
static void say_roots(struct work *w, struct model_leaks *l)
{
	struct model_root rest[MODEL_ROOT_KINDS] = { 0 };
	size_t count = 0;

	if (w->root_count)
		qsort(w->roots, w->root_count, sizeof(*w->roots),
		      compare_roots);
	for (size_t i = 0; i < w->root_count; i++) {
		if (!w->roots[i].blocks)
			continue;
		if (count < ROOTS_SAID) {
			w->roots[count++] = w->roots[i];
			continue;
		}
		rest[w->roots[i].kind].blocks += w->roots[i].blocks;
		rest[w->roots[i].kind].bytes += w->roots[i].bytes;
	}
	for (size_t k = 0; k < MODEL_ROOT_KINDS; k++) {
		if (!rest[k].blocks)
			continue;
		rest[k].kind = (enum model_root_kind)k;
		rest[k].module = MODEL_NONE;
		w->roots[count++] = rest[k];
	}
	l->roots = w->roots;
	l->root_count = count;
}

void scan_run(const struct scan *s, struct model_leaks *l)
{
	struct work w = { .s = s,
			  .state = xcalloc(s->heap->count + 1, 1),
			  .owner =
				  xcalloc(s->heap->count + 1, sizeof(*w.owner)),
			  .buffer = xmalloc(BUFFER) };

	pages_are_large(w.state, s->heap->count);
	pages_are_large(w.owner, s->heap->count * sizeof(*w.owner));
	graph_init(&w.graph, s->heap, s->peek, s->space);
	find_held(&w);
	find_lost(&w);
	count_sites(&w, l);
	say_roots(&w, l);
	l->unread = s->peek->unread;
	graph_release(&w.graph);
	free(w.state);
	free(w.owner);
	free(w.stack);
	free(w.later);
	free(w.buffer);
}
