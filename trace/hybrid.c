/*
 * hybrid - see hybrid.h.
 *
 * Putting together
 * ----------------
 * Each native loop runs the frames of Python from one that it was entered with
 * up to the next such frame: a *group*. So the n-th loop from the inner end
 * stands for the n-th group. Counted from the outer end, as they are walked
 * here, numbers differ by what one of them has more: groups whose loops were
 * not unwound, or which a greenlet has left, come first; loops without a group
 * are shown as they are.
 *
 * Most events find the outer parts of both stacks as they were, so what was
 * made of them is kept: for each native frame how far it led.
 */
#include "trace/hybrid.h"

#include <stdlib.h>

#include "trace/book.h"
#include "trace/process.h"
#include "trace/ring.h"
#include "trace/stream.h"
#include "trace/thread.h"
#include "trace/tree.h"
#include "trace/xmalloc.h"

enum {
	PYTHON_DEPTH = 1 << 20, /* frames: more than any recursion limit */
};

#define NATIVE_MASK                                                            \
	((RING_FRAME_PC >> 1) | RING_FRAME_GUESSED | RING_FRAME_EXACT)
#define LOOP RING_FRAME_PYTHON /* in a native word: of the evaluation loop */

/* How far a native frame, and all outside of it, led. */
struct reach {
	uint32_t both; /* frames */
	uint32_t python; /* frames of Python that are used up */
	uint32_t loops;
};

/* Words of one stack, outermost first. */
struct words {
	uint64_t *list; /* owned */
	size_t count, capacity;
	size_t same; /* outer ones, since they were put together */
};

struct hybrid {
	struct words native, python;
	/* [0] is the thread's own. Both owned. */
	struct thread_frame *alone, *both;
	size_t alone_capacity, both_capacity;
	size_t alone_good; /* frames of Python that are in `alone` */
	size_t alone_depth; /* those that are not hidden */
	uint32_t *alone_at; /* owned: depth after each frame of Python */
	size_t alone_at_capacity;
	struct reach *reach; /* owned: [i] is of i native frames */
	size_t reach_capacity;
	long extra; /* groups less loops, when they were put together */
	bool together; /* they have been */
};

struct hybrid *hybrid_create(const struct thread_frame *root)
{
	struct hybrid *h = xcalloc(1, sizeof(*h));

	h->alone = xgrow(NULL, &h->alone_capacity, 1, sizeof(*h->alone));
	h->both = xgrow(NULL, &h->both_capacity, 1, sizeof(*h->both));
	h->alone[0] = h->both[0] = *root;
	return h;
}

void hybrid_destroy(struct hybrid *h)
{
	if (!h)
		return;
	free(h->native.list);
	free(h->python.list);
	free(h->alone);
	free(h->both);
	free(h->alone_at);
	free(h->reach);
	free(h);
}

static bool keep(struct words *w, const struct hybrid_frames *f, size_t most)
{
	if (f->keep > w->count || f->keep + f->count > most)
		return false;
	if (f->keep < w->same)
		w->same = f->keep;
	w->count = f->keep;
	w->list = xgrow(w->list, &w->capacity, w->count + f->count,
			sizeof(*w->list));
	return true;
}

bool hybrid_take_native(struct hybrid *h, const struct process *p,
			const struct hybrid_frames *f)
{
	struct words *w = &h->native;

	if (!keep(w, f, RING_DEPTH + RING_COUNT_MAX))
		return false;
	for (uint32_t i = f->count; i--;) {
		uint64_t word = stream_word(&f->words[i]) & NATIVE_MASK;

		if (python_is_loop(&p->python, word & RING_FRAME_PC))
			word |= LOOP;
		w->list[w->count++] = word;
	}
	return true;
}

bool hybrid_take_python(struct hybrid *h, const struct hybrid_frames *f)
{
	struct words *w = &h->python;

	if (!keep(w, f, PYTHON_DEPTH))
		return false;
	if (f->keep < h->alone_good)
		h->alone_good = f->keep;
	for (uint32_t i = f->count; i--;)
		w->list[w->count++] =
			stream_word(&f->words[i]) | RING_FRAME_PYTHON;
	return true;
}

static uint32_t frame_of(struct book *b, struct process *p, uint64_t word)
{
	if (word & RING_FRAME_PYTHON)
		return python_frame(&p->python, word, &b->frames);
	return space_frame(&p->space, word, &b->frames);
}

/* The frame that follows `outer`. */
static struct thread_frame follow(struct book *b, struct process *p,
				  const struct thread_frame *outer,
				  uint64_t word)
{
	uint64_t known = word & RING_FRAME_PYTHON
				 ? word
				 : tree_word(word, p->space.generation);
	struct tree_step step = { .path = tree_path(outer->path, known),
				  .word = known,
				  .parent = outer->node };
	uint32_t node = tree_guess(&b->tree, &step);

	if (!node)
		node = tree_child(&b->tree, &step, frame_of(b, p, word));
	return (struct thread_frame){ .path = step.path, .node = node };
}

static bool is_entry(const struct words *python, size_t at)
{
	return !at || python->list[at] & RING_FRAME_ENTRY;
}

/* What is being put together. */
struct joint {
	struct hybrid *h;
	struct book *b;
	struct process *p;
	struct reach at;
	long extra;
};

static void push(struct joint *j, uint64_t word)
{
	struct hybrid *h = j->h;

	h->both = xgrow(h->both, &h->both_capacity, (size_t)j->at.both + 2,
			sizeof(*h->both));
	h->both[j->at.both + 1] =
		follow(j->b, j->p, &h->both[j->at.both], word);
	j->at.both++;
}

/* The next group, if there is one. */
static void push_group(struct joint *j)
{
	const struct words *python = &j->h->python;
	uint32_t first = j->at.python;

	while (j->at.python < python->count &&
	       (j->at.python == first || !is_entry(python, j->at.python))) {
		uint64_t word = python->list[j->at.python++];

		if (!python_is_hidden(&j->p->python, word))
			push(j, word);
	}
}

static void push_native(struct joint *j, uint64_t word)
{
	if (!(word & LOOP)) {
		push(j, word);
		return;
	}
	if ((long)j->at.loops++ < -j->extra)
		push(j, word & ~LOOP);
	else
		push_group(j);
}

static long count_extra(const struct hybrid *h)
{
	long extra = 0;

	for (size_t i = 0; i < h->python.count; i++)
		extra += is_entry(&h->python, i);
	for (size_t i = 0; i < h->native.count; i++)
		extra -= !!(h->native.list[i] & LOOP);
	return extra;
}

/* Is what the outer `i` native frames led to still so? */
static bool is_good(const struct hybrid *h, size_t i)
{
	uint32_t used = h->reach[i].python;

	return used <= h->python.same &&
	       (used == h->python.count || is_entry(&h->python, used));
}

/* Native frames whose reach may be kept. */
static size_t good_frames(struct hybrid *h, long extra)
{
	size_t good = h->native.same;

	if (!h->together || extra != h->extra)
		return 0;
	while (good && !is_good(h, good))
		good--;
	return good;
}

static void start(struct joint *j)
{
	j->at = (struct reach){ 0 };
	for (long i = 0; i < j->extra; i++)
		push_group(j);
	j->h->reach[0] = j->at;
}

uint32_t hybrid_node(struct hybrid *h, struct book *b, struct process *p)
{
	struct joint j = { .h = h, .b = b, .p = p, .extra = count_extra(h) };
	size_t good = good_frames(h, j.extra);

	h->reach = xgrow(h->reach, &h->reach_capacity, h->native.count + 1,
			 sizeof(*h->reach));
	if (good)
		j.at = h->reach[good];
	else
		start(&j);
	for (size_t i = good; i < h->native.count; i++) {
		push_native(&j, h->native.list[i]);
		h->reach[i + 1] = j.at;
	}
	h->native.same = h->native.count;
	h->python.same = h->python.count;
	h->extra = j.extra;
	h->together = true;
	return h->both[j.at.both].node;
}

static void push_alone(struct hybrid *h, struct book *b, struct process *p)
{
	uint64_t word = h->python.list[h->alone_good];

	if (!python_is_hidden(&p->python, word)) {
		h->alone[h->alone_depth + 1] =
			follow(b, p, &h->alone[h->alone_depth], word);
		h->alone_depth++;
	}
	h->alone_at[h->alone_good++] = (uint32_t)h->alone_depth;
}

uint32_t hybrid_object_node(struct hybrid *h, struct book *b, struct process *p)
{
	size_t depth = h->python.count;

	h->alone = xgrow(h->alone, &h->alone_capacity, depth + 1,
			 sizeof(*h->alone));
	h->alone_at = xgrow(h->alone_at, &h->alone_at_capacity, depth + 1,
			    sizeof(*h->alone_at));
	h->alone_depth = h->alone_good ? h->alone_at[h->alone_good - 1] : 0;
	while (h->alone_good < depth)
		push_alone(h, b, p);
	return h->alone[h->alone_depth].node;
}
