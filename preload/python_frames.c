/*
 * python_frames - see python_frames.h.
 *
 * Design
 * ------
 * t->python holds the chain as it last was, outermost first, and how much of
 * that the collector has. Most often a few frames have come or gone at the
 * inner end, so the walk from there looks for a frame that lies where one lay,
 * and goes on to compare one by one. Where a frame lies proves nothing; but
 * when the walk ends with the outermost of the known frames, each was compared
 * with the one in its place. When it does not, all is read anew.
 *
 * Frames that are new stand in the upper half of the pages until it is known
 * where they go.
 */
#include "preload/python_frames.h"
#include "preload/memory.h"
#include "preload/python_code.h"
#include "preload/stack.h"

enum {
	FRESH = RING_DEPTH, /* from here on: the upper half */
	PUSHED_MAX = 32, /* frames that may have come */
	POPPED_MAX = 16, /* and gone */
	INNER = RING_DEPTH - 1024, /* kept at most of a chain that is cut */
	INNER_STEP = 1024, /* and so much less at least */
	ENDLESS = 1 << 24,
};

static const struct python_table *table;

void python_frames_start(const struct python_table *of)
{
	table = of;
}

bool python_frames_load_checked(uintptr_t addr, uintptr_t *value)
{
	/* The next page may be needed for a word that is not aligned. */
	if (!addr || !memory_is_readable(addr))
		return false;
	*value = *(const uintptr_t *)addr;
	return true;
}

/* The place for an entry; NULL when pages are short. */
static inline struct python_frame *place(struct thread *t, uint32_t i)
{
	struct python_page **page = &t->python.page[i / AGENT_PAGE_FRAMES];

	if (__builtin_expect(!*page, 0)) {
		*page = (struct python_page *)stack_take_page(t);
		if (!*page)
			return NULL;
	}
	return &(*page)->frame[i % AGENT_PAGE_FRAMES];
}

static inline __attribute__((always_inline)) void
step(const struct python_table *of, enum python_entry entry, uintptr_t *next,
     struct python_view *v)
{
	python_frames_step(of, entry, python_frames_load, next, v);
}

static uint64_t instruction_word(uintptr_t code, uintptr_t at)
{
	int64_t n = python_table_instruction(table, code, at) + 1;

	if (n < 0)
		n = 0;
	return n < RING_INSTRUCTIONS ? (uint64_t)n : RING_INSTRUCTIONS;
}

/* `known` is what stood there before, of the same generation, or NULL. */
static uint64_t word_of(struct thread *t, struct python_view *v,
			const struct python_frame *known)
{
	uint64_t number = RING_CODE_NONE, at = 0;
	bool later = false;

	if (v->code && known && known->code == v->code)
		number = known->word >> RING_CODE_SHIFT & RING_CODE_NONE;
	else if (v->code)
		number = python_code_number(t, v->code, &later);
	if (v->code)
		at = instruction_word(v->code, v->at);
	/* No code lies there: it is looked for again. */
	if (later)
		v->code = 1;
	return RING_FRAME_PYTHON | v->marks | number << RING_CODE_SHIFT | at;
}

/* Put a view in place `i`; `anew` when what is known there means nothing. */
static bool set(struct thread *t, uint32_t i, struct python_view *v, bool anew)
{
	struct python_stack *s = &t->python;
	struct python_frame *f = place(t, i);
	bool known = f && i < s->depth;
	uint64_t word;

	if (!f)
		return false;
	if (known && !anew && f->code == v->code && f->at == v->at &&
	    (f->word & (RING_FRAME_ENTRY | RING_FRAME_GENERATOR)) == v->marks) {
		f->frame = v->frame;
		return true;
	}
	word = word_of(t, v, known && !anew ? f : NULL);
	if (i < s->same && (!known || f->word != word))
		s->same = i;
	*f = (struct python_frame){ v->frame, v->code, v->at, word };
	return true;
}

/* A known frame has gone on in its code; by far the most frequent change. */
static inline void advance(struct thread *t, uint32_t i, uintptr_t at)
{
	struct python_frame *f = python_frames_at(t, i);
	uint64_t word = f->word & ~(uint64_t)RING_INSTRUCTIONS;

	if (f->code)
		word |= instruction_word(f->code, at);
	if (i < t->python.same && f->word != word)
		t->python.same = i;
	f->at = at;
	f->word = word;
}

static inline void push(struct thread *t, uint32_t i,
			const struct python_view *v)
{
	struct python_frame *f = place(t, FRESH + i % RING_DEPTH);

	if (f)
		*f = (struct python_frame){ v->frame, v->code, v->at,
					    v->marks };
}

/* Views that were pushed, `count` from the innermost, become `from` and on. */
static void settle(struct thread *t, uint32_t from, uint32_t count, bool anew)
{
	struct python_stack *s = &t->python;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct python_frame *f =
			place(t, FRESH + (count - 1 - i) % RING_DEPTH);
		struct python_view v;

		if (!f)
			break;
		v = (struct python_view){ f->frame, f->code, f->at, f->word };
		if (!set(t, from + i, &v, anew))
			break;
	}
	s->depth = from + i;
	if (s->same > s->depth)
		s->same = s->depth;
}

/* The place of a known frame near the inner end, -1 none. */
static inline int32_t look_for(struct thread *t, uintptr_t frame)
{
	uint32_t depth = t->python.depth;
	uint32_t most = depth < POPPED_MAX ? depth : POPPED_MAX;

	for (uint32_t i = 1; i <= most; i++) {
		if (python_frames_at(t, depth - i)->frame == frame)
			return (int32_t)(depth - i);
	}
	return -1;
}

/* False when the chain is not as expected; what is known stays true. */
static inline __attribute__((always_inline)) bool
follow(struct thread *t, enum python_entry entry, uintptr_t next)
{
	const uint64_t marks = RING_FRAME_ENTRY | RING_FRAME_GENERATOR;
	/* Not read again each time: what is written might be it. */
	const struct python_table own = *table;
	uint32_t pushed = 0, inner;
	struct python_view v;
	int32_t i = -1;

	for (;;) {
		if (!next || pushed == PUSHED_MAX)
			return false;
		step(&own, entry, &next, &v);
		i = look_for(t, v.frame);
		if (i >= 0)
			break;
		push(t, pushed++, &v);
	}
	inner = (uint32_t)i;
	for (;;) {
		struct python_frame *f = python_frames_at(t, (uint32_t)i);
		/* A copy: so that `v` can be in registers. */
		struct python_view other = v;

		if (f->code != v.code || f->frame != v.frame ||
		    (f->word & marks) != v.marks) {
			if (!set(t, (uint32_t)i, &other, false))
				return false;
		} else if (f->at != v.at) {
			advance(t, (uint32_t)i, v.at);
		}
		if (!i || !next)
			break;
		i--;
		step(&own, entry, &next, &v);
	}
	if (i || next)
		return false;
	if (pushed || inner + 1 != t->python.depth)
		settle(t, inner + 1, pushed, false);
	return true;
}

/*
 * A chain that is too deep loses its outer frames. In steps, so that what is
 * left changes at its outer end once in a while only.
 */
static uint32_t settle_cut(struct thread *t, uint32_t count, bool anew)
{
	uint32_t rest = (count - INNER + INNER_STEP - 1) / INNER_STEP;
	struct python_frame *f = place(t, 0);
	/* Something unknown stands for them. */
	const uint64_t word = RING_FRAME_PYTHON | RING_FRAME_ENTRY |
			      (uint64_t)RING_CODE_UNKNOWN << RING_CODE_SHIFT;

	if (!f)
		return 0;
	if (f->word != word || t->python.left_out != rest)
		t->python.same = 0;
	*f = (struct python_frame){ .word = word };
	if (!t->python.depth)
		t->python.depth = 1;
	settle(t, 1, count - rest * INNER_STEP, anew);
	return rest;
}

static void collect(struct thread *t, uintptr_t next, bool anew)
{
	const enum python_entry entry = table->entry;
	struct python_stack *s = &t->python;
	struct python_view v;
	uint32_t count = 0;

	for (; next && count < ENDLESS; count++) {
		step(table, entry, &next, &v);
		push(t, count, &v);
	}
	if (count <= RING_DEPTH) {
		settle(t, 0, count, anew || s->left_out);
		s->left_out = 0;
	} else {
		s->left_out = settle_cut(t, count, anew || !s->left_out);
	}
}

/* Of each kind of chain a way of its own. */
static bool follow_kind(struct thread *t, uintptr_t next)
{
	switch (table->entry) {
	case PYTHON_ENTRY_ALL:
		return follow(t, PYTHON_ENTRY_ALL, next);
	case PYTHON_ENTRY_MARKED:
		return follow(t, PYTHON_ENTRY_MARKED, next);
	default:
		return follow(t, PYTHON_ENTRY_SHIM, next);
	}
}

void python_frames_read(struct thread *t, uintptr_t state)
{
	struct python_stack *s = &t->python;
	/* Acquire: pairs with forget(), in python_code.c. */
	uint32_t generation = atomic_load_explicit(&python_code_generation,
						   memory_order_acquire);
	bool anew = s->generation != generation;
	uintptr_t first;

	python_frames_first(table, state, python_frames_load, &first);
	if (!first) {
		s->depth = s->same = 0;
		return;
	}
	s->generation = generation;
	if (!anew && s->depth && !s->left_out && follow_kind(t, first))
		return;
	collect(t, first, anew);
}
