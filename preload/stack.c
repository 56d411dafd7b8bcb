/*
 * stack - the verified stack cache.
 *
 * Design
 * ------
 * Unwinding a frame is a function of its (pc, sp, fp) and of the one or two
 * stack slots that it reads. So when a walk from the innermost frame comes to
 * a frame with the same (pc, sp, fp) as one of the last stack, and every slot
 * that was read from there outwards still holds what it held, the rest of the
 * stack is the same: this is exact, no guess, and costs a load and a compare a
 * frame instead of a rule and its evaluation (0.5 ns against 5).
 *
 * When a slot has changed, the frames outside of it are still known to be
 * unchanged, and the walk goes on until it meets one of them. Its steps are
 * mostly ones that it made before, on the same place of the stack: steps.h.
 *
 * A frame that was reached by other means than a return address at sp - 8 and
 * a saved frame pointer (signal frames) is SPECIAL: it is checked by making
 * the step again.
 *
 * Stacks deeper than RING_DEPTH keep their two ends, with RING_FRAME_CUT in
 * between. The frames left out are not checked again; what is recorded is.
 */
#include "preload/stack.h"
#include "preload/memory.h"
#include "preload/rule.h"
#include "preload/steps.h"

#include <string.h>
#include <ucontext.h>

enum {
	FRAME_SPECIAL = 1, /* in fp_slot */
	FP_UNUSED = 1, /* in fp: see step() */
	OUTER_FRAMES = 1024, /* kept of a stack that is too deep ... */
	INNER_FRAMES = 2048, /* ... and at its other end */
	INNER_AGAIN = 1536, /* of those, sent again when more come */
	RING_START = RING_DEPTH - OUTER_FRAMES, /* of fresh: see walk_push() */
	SWITCHES_MAX = 16, /* signal frames in one stack */
};

/* What is under way in one capture. */
struct walk {
	struct thread *thread;
	struct extent stack; /* that the walk is on */
	struct steps *steps; /* NULL: none may be relied on */
	struct frame *last; /* cached[top], or `nothing` */
	int32_t top; /* of the cached frames that may still be met, -1 none */
	uint32_t checked; /* cached frames known to be unchanged */
	uint32_t count; /* frames found */
	uint32_t switches;
	bool switched; /* from one stack to another */
	bool all_checked; /* `checked` is the truth already */
};

/* Outside of every frame, and no frame. */
static struct frame nothing = { .sp = UINTPTR_MAX };

static __attribute__((noinline)) bool
load_outside(struct walk *w, uintptr_t addr, uintptr_t *value)
{
	if (addr & 7 || !memory_grow(w->thread, &w->stack, addr))
		return false;
	*value = *(const uintptr_t *)addr;
	return true;
}

static inline bool load(struct walk *w, uintptr_t addr, uintptr_t *value)
{
	if (__builtin_expect(addr < w->stack.low || addr > w->stack.high - 8 ||
				     addr & 7,
			     0))
		return load_outside(w, addr, value);
	*value = *(const uintptr_t *)addr;
	return true;
}

static struct frame special(uintptr_t what)
{
	/* The largest sp: it is outside of everything. */
	return (struct frame){ .pc = what,
			       .sp = UINTPTR_MAX,
			       .fp_slot = FRAME_SPECIAL };
}

/* Nothing below what is in use is read: it need not be mapped. */
static inline void enter_stack(struct walk *w, struct extent stack,
			       uintptr_t sp)
{
	const uintptr_t red_zone = 128;

	w->stack = stack;
	if (stack.high && stack.low < sp - red_zone)
		w->stack.low = sp - red_zone;
}

/* A signal's frame: the interrupted registers lie in the ucontext at sp. */
static bool step_signal(struct walk *w, const struct frame *from,
			struct frame *to)
{
	const ucontext_t *context = (const ucontext_t *)from->sp;
	const greg_t *regs = context->uc_mcontext.gregs;
	uintptr_t pc;

	if (w->switches++ > SWITCHES_MAX ||
	    !load(w, (uintptr_t)&regs[REG_RIP], &pc) ||
	    !load(w, (uintptr_t)&regs[REG_RSP], &to->sp) ||
	    !load(w, (uintptr_t)&regs[REG_RBP], &to->fp))
		return false;
	to->pc = (pc & RING_FRAME_PC) | RING_FRAME_EXACT;
	to->fp_slot = FRAME_SPECIAL;
	if (to->sp >= w->stack.low && to->sp < w->stack.high)
		return to->sp > from->sp;
	w->switched = true;
	enter_stack(w, memory_stack_of(w->thread, to->sp), to->sp);
	return w->stack.high != 0;
}

/* No unwind information: believe the frame pointer where it is plausible. */
static bool step_guess(struct walk *w, const struct frame *from,
		       struct frame *to)
{
	const uintptr_t first_page = 4096;

	if (from->fp < from->sp || !load(w, from->fp + 8, &to->pc) ||
	    !load(w, from->fp, &to->fp) || to->pc < first_page ||
	    to->pc > RING_FRAME_PC)
		return false;
	to->pc |= RING_FRAME_GUESSED;
	to->sp = from->fp + 16;
	to->fp_slot = from->fp;
	return true;
}

/* Any rule that says where the CFA is. */
static bool step_by_rule(struct walk *w, struct rule rule,
			 const struct frame *from, struct frame *to)
{
	uintptr_t cfa = (uintptr_t)(intptr_t)rule.cfa_offset;
	uintptr_t slot = (uintptr_t)(intptr_t)rule.fp_offset;

	cfa += rule.kind == RULE_SP ? from->sp : from->fp;
	if (rule.kind == RULE_FP_WORD && !load(w, cfa, &cfa))
		return false;
	if (cfa <= from->sp || !load(w, cfa - 8, &to->pc))
		return false;
	to->pc &= RING_FRAME_PC;
	to->sp = cfa;
	to->fp = from->fp;
	to->fp_slot = 0;
	if (rule.fp == RULE_FP_AT_CFA)
		to->fp_slot = cfa + slot;
	else if (rule.fp == RULE_FP_AT_FP)
		to->fp_slot = from->fp + slot;
	if (to->fp_slot && !load(w, to->fp_slot, &to->fp))
		return false;
	if (rule.kind == RULE_FP_WORD)
		to->fp_slot = FRAME_SPECIAL;
	return true;
}

static __attribute__((noinline)) bool step_otherwise(struct walk *w,
						     struct rule rule,
						     const struct frame *from,
						     struct frame *to)
{
	switch (rule.kind) {
	case RULE_END:
		to->pc = 0;
		return true;
	case RULE_SIGNAL:
		return step_signal(w, from, to);
	case RULE_GUESS:
		return step_guess(w, from, to);
	default:
		return step_by_rule(w, rule, from, to);
	}
}

/*
 * Most code that is built without frame pointers uses rbp for something else:
 * its rule reads sp alone, and finds the caller's fp in a slot. Then its own
 * fp is of no account, and FP_UNUSED lets the frame be met again whatever rbp
 * held.
 */
static inline void disregard_fp(struct frame *from)
{
	from->fp = FP_UNUSED;
	if (from->fp_slot != FRAME_SPECIAL)
		from->fp_slot = 0;
}

/* What step_again() may do without a look at the stack's low end. */
static inline void learn_step(struct step *known, const struct frame *from,
			      const struct frame *to, int16_t fp_offset)
{
	if (!known || (to->fp_slot &&
		       (to->fp_slot < from->sp || to->fp_slot > to->sp - 8)))
		return;
	*known = (struct step){ .pc = from->pc,
				.sp = from->sp,
				.caller = to->pc,
				.cfa_offset = (int32_t)(to->sp - from->sp),
				.fp_offset = to->fp_slot ? fp_offset : 0 };
}

static __attribute__((noinline)) bool step_anew(struct walk *w,
						struct step *known,
						struct frame *from,
						struct frame *to)
{
	uintptr_t pc = from->pc & RING_FRAME_PC;
	struct rule rule = rule_find(from->pc & RING_FRAME_EXACT ? pc : pc - 1);
	uintptr_t cfa = from->sp + (uintptr_t)(intptr_t)rule.cfa_offset;

	if (rule.kind != RULE_SP)
		return step_otherwise(w, rule, from, to);
	if (cfa <= from->sp || !load(w, cfa - 8, &to->pc))
		return false;
	to->pc &= RING_FRAME_PC;
	to->sp = cfa;
	to->fp = from->fp;
	to->fp_slot = 0;
	if (rule.fp == RULE_FP_AT_FP)
		return step_by_rule(w, rule, from, to);
	if (rule.fp == RULE_FP_AT_CFA) {
		disregard_fp(from);
		to->fp_slot = cfa + (uintptr_t)(intptr_t)rule.fp_offset;
		if (!load(w, to->fp_slot, &to->fp))
			return false;
	}
	learn_step(known, from, to, rule.fp_offset);
	return true;
}

/* Is the step as the last time? Then it is made. */
static inline bool step_again(const struct walk *w, const struct step *known,
			      struct frame *from, struct frame *to)
{
	uintptr_t cfa = from->sp + (uintptr_t)(intptr_t)known->cfa_offset;

	if (known->pc != from->pc || known->sp != from->sp ||
	    cfa > w->stack.high ||
	    (*(const uintptr_t *)(cfa - 8) & RING_FRAME_PC) != known->caller)
		return false;
	to->pc = known->caller;
	to->sp = cfa;
	to->fp = from->fp;
	to->fp_slot = 0;
	if (known->fp_offset) {
		disregard_fp(from);
		to->fp_slot = cfa + (uintptr_t)(intptr_t)known->fp_offset;
		to->fp = *(const uintptr_t *)to->fp_slot;
	}
	return true;
}

/* From a frame to its caller's. A caller with pc 0 is none: the end. */
static inline bool step(struct walk *w, struct frame *from, struct frame *to)
{
	struct step *known = NULL;

	if (__builtin_expect(w->steps != NULL, 1)) {
		known = steps_place(w->steps, from->pc, from->sp);
		if (step_again(w, known, from, to))
			return true;
	}
	return step_anew(w, known, from, to);
}

static inline bool frame_is_same(const struct frame *known,
				 const struct frame *now)
{
	return known->pc == now->pc && known->sp == now->sp &&
	       (known->fp == now->fp || known->fp == FP_UNUSED);
}

/* Is cached frame `i` what a step from the frame inside of it still finds? */
static bool special_is_unchanged(struct walk *w, uint32_t i)
{
	const struct frame *frame = stack_frame(w->thread->stack, i);
	struct frame *inner = stack_frame(w->thread->stack, i + 1);
	struct extent stack = w->stack;
	struct frame again;
	bool same;

	if (frame->pc < RING_FRAME_SPECIAL_END || inner->pc == RING_FRAME_CUT)
		return true;
	enter_stack(w, memory_stack_of(w->thread, inner->sp), inner->sp);
	same = w->stack.high && step(w, inner, &again) &&
	       frame_is_same(frame, &again);
	w->stack = stack;
	return same;
}

static inline bool slots_are_unchanged(const struct frame *f)
{
	if (__builtin_expect(f->fp_slot != 0, 0)) {
		if (f->fp_slot == FRAME_SPECIAL ||
		    *(const uintptr_t *)f->fp_slot != f->fp)
			return false;
	}
	return !((*(const uintptr_t *)(f->sp - 8) ^ f->pc) & RING_FRAME_PC);
}

/*
 * Count the cached frames, from the outermost up to but without `end`, whose
 * slots are unchanged. Their slots have been readable before, and lie outside
 * of a frame that is on the stack now.
 */
static uint32_t count_unchanged(struct walk *w, uint32_t end)
{
	const struct frame *outermost = stack_frame(w->thread->stack, 0);

	if (outermost->pc < RING_FRAME_SPECIAL_END && end > 1)
		outermost = stack_frame(w->thread->stack, 1);
	if (outermost->pc >= RING_FRAME_SPECIAL_END &&
	    outermost->sp > w->stack.high)
		return 0;
	for (uint32_t i = 0; i < end;) {
		uint32_t rest = AGENT_PAGE_FRAMES - i % AGENT_PAGE_FRAMES;
		uint32_t stop = end - i < rest ? end : i + rest;
		const struct frame *f = stack_frame(w->thread->stack, i);

		for (; i < stop && slots_are_unchanged(f); i++, f++)
			;
		if (i == stop)
			continue;
		if (f->fp_slot != FRAME_SPECIAL || !special_is_unchanged(w, i))
			return i;
		i++;
	}
	return end;
}

static void set_top(struct walk *w, int32_t top)
{
	w->top = top;
	w->last = top < 0 ? &nothing
			  : stack_frame(w->thread->stack, (uint32_t)top);
}

/*
 * The walk has come to cached[top]. Is all outside as it was? If not, what is
 * unchanged may still be met.
 */
static bool outside_is_unchanged(struct walk *w)
{
	if (!w->all_checked) {
		w->checked = count_unchanged(w, (uint32_t)w->top);
		w->all_checked = true;
	}
	if (w->checked >= (uint32_t)w->top)
		return true;
	set_top(w, (int32_t)w->checked - 1);
	return false;
}

/* Has the walk come to a frame of the last stack, with all outside as it was? */
static inline bool meets_last(struct walk *w, const struct frame *now)
{
	while (w->last->sp < now->sp)
		set_top(w, w->top - 1);
	if (!frame_is_same(w->last, now) || !outside_is_unchanged(w))
		return false;
	if (w->last->fp != FP_UNUSED)
		w->last->fp_slot = now->fp_slot;
	return true;
}

/* Pages that the thread keeps from now on. NULL: not so many below `end`. */
static struct frame_page *take_pages(const struct thread *t, uint32_t count,
				     uint32_t end)
{
	struct local *local = agent.local;
	_Atomic uint32_t *pages = &local->pages;
	uint32_t n = atomic_load_explicit(pages, memory_order_relaxed);

	/* Detached from meanwhile: what is another's now is not taken. */
	if ((uintptr_t)t - (uintptr_t)local >= sizeof(*local))
		return NULL;
	do {
		if (n + count > end)
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(pages, &n, n + count,
							memory_order_relaxed,
							memory_order_relaxed));
	return &local->page[n];
}

struct frame_page *stack_take_page(const struct thread *t)
{
	return take_pages(t, 1, AGENT_PAGES);
}

static __attribute__((noinline)) struct frame_page *
take_page(const struct thread *t, struct frame_page **page)
{
	*page = stack_take_page(t);
	return *page;
}

/* Half of the pages are for frames alone: without them nothing is recorded. */
static void take_steps(struct thread *t)
{
	_Static_assert(sizeof(struct steps) % sizeof(struct frame_page) == 0,
		       "steps are whole pages");

	t->steps = (struct steps *)take_pages(
		t, sizeof(struct steps) / sizeof(struct frame_page),
		AGENT_PAGES / 2);
}

/*
 * Where the frame found as number `i` goes. Of a stack that overflows `fresh`,
 * the first RING_START frames stay and the rest goes round in what is left.
 */
static __attribute__((noinline)) struct frame *fresh_place(struct thread *t,
							   uint32_t i)
{
	struct frame_page **page;

	if (i >= RING_DEPTH)
		i = RING_START + (i - RING_START) % OUTER_FRAMES;
	page = &t->fresh[i / AGENT_PAGE_FRAMES];
	if (__builtin_expect(!*page, 0) && !take_page(t, page))
		return NULL;
	return stack_frame(t->fresh, i);
}

/* Member by member: an initialiser clears by `rep stos`, for 30 cycles. */
static inline void walk_begin(struct walk *w, struct thread *t, uintptr_t sp)
{
	bool is_own = sp >= t->own.low && sp < t->own.high;

	w->thread = t;
	w->steps = modules_are_unloading() ? NULL : t->steps;
	w->checked = 0;
	w->count = 0;
	w->switches = 0;
	w->switched = false;
	w->all_checked = false;
	enter_stack(w, is_own ? t->own : memory_stack_of(t, sp), sp);
	set_top(w, (int32_t)t->depth - 1);
}

/*
 * Walk outwards. True when the last stack was met, with top there. Frames are
 * made where they stay: copying what was just written stalls the processor.
 */
static bool walk(struct walk *w, const struct registers *caller)
{
	const uint32_t endless = 1 << 24;
	struct frame *now = w->thread->fresh[0]->frame;

	now->pc = caller->pc & RING_FRAME_PC;
	now->sp = caller->sp;
	now->fp = caller->fp;
	now->fp_slot = 0;
	while (!meets_last(w, now)) {
		struct frame *next = now + 1;

		if (__builtin_expect(!(++w->count % AGENT_PAGE_FRAMES), 0))
			next = fresh_place(w->thread, w->count);
		if (!next || w->count >= endless)
			return false;
		if (!w->stack.high || !step(w, now, next)) {
			*next = special(RING_FRAME_NO_INFO);
			w->count++;
			return false;
		}
		if (!(next->pc & RING_FRAME_PC))
			return false;
		now = next;
	}
	return true;
}

static void swap_range(struct thread *t, uint32_t low, uint32_t high)
{
	for (; low + 1 < high; low++, high--) {
		struct frame *a = stack_frame(t->fresh, low);
		struct frame *b = stack_frame(t->fresh, high - 1);
		struct frame swap = *a;

		*a = *b;
		*b = swap;
	}
}

/* Bring what went round in `fresh` into order: rotate by three reversals. */
static void unwind_ring(struct thread *t, uint32_t count)
{
	uint32_t first = RING_START + (count - RING_START) % OUTER_FRAMES;

	swap_range(t, RING_START, first);
	swap_range(t, first, RING_DEPTH);
	swap_range(t, RING_START, RING_DEPTH);
}

static bool fresh_set(struct thread *t, uint32_t i, const struct frame *frame)
{
	struct frame *place = fresh_place(t, i);

	if (place)
		*place = *frame;
	return place != NULL;
}

/*
 * keep + count frames are too many: leave out the middle. Few new frames take
 * some old ones along, so that this does not happen again with the next.
 */
static void cut(struct thread *t, struct capture *c)
{
	const struct frame gap = { .pc = RING_FRAME_CUT,
				   .fp_slot = FRAME_SPECIAL };
	uint32_t inner = c->fresh < INNER_FRAMES ? c->fresh : INNER_FRAMES;
	uint32_t rest = c->fresh - inner;
	uint32_t outer = 0;

	while (inner < INNER_AGAIN && c->keep > OUTER_FRAMES + 1 &&
	       fresh_set(t, inner, stack_frame(t->stack, c->keep - 1))) {
		inner++;
		c->keep--;
	}
	if (c->keep < OUTER_FRAMES)
		outer = OUTER_FRAMES - c->keep;
	if (outer > rest)
		outer = rest;
	for (uint32_t i = 0; i < outer; i++)
		*stack_frame(t->fresh, inner + 1 + i) =
			*stack_frame(t->fresh, c->fresh - outer + i);
	fresh_set(t, inner, &gap);
	if (c->keep > OUTER_FRAMES)
		c->keep = OUTER_FRAMES;
	c->fresh = inner + 1 + outer;
	c->cut = true;
}

/* What is too much for `fresh` or for RING_DEPTH, in order and cut. */
static __attribute__((noinline)) void shorten(struct thread *t,
					      struct capture *c)
{
	bool overflowed = c->fresh > RING_DEPTH;

	if (overflowed) {
		unwind_ring(t, c->fresh);
		c->fresh = RING_DEPTH;
	}
	if (overflowed || c->keep + c->fresh > RING_DEPTH)
		cut(t, c);
}

/* The same address may be other code now. */
static __attribute__((noinline)) void forget_code(struct thread *t,
						  uint32_t gone)
{
	t->depth = 0;
	t->modules_gone = gone;
	if (t->steps)
		memset(t->steps, 0, sizeof(*t->steps));
}

void stack_capture(struct thread *t, const struct registers *caller,
		   struct capture *c)
{
	uint32_t gone = atomic_load_explicit(&agent.local->modules_gone,
					     memory_order_relaxed);
	struct walk w;

	if (__builtin_expect(t->modules_gone != gone, 0))
		forget_code(t, gone);
	walk_begin(&w, t, caller->sp);
	c->keep = walk(&w, caller) ? (uint32_t)w.top + 1 : 0;
	c->fresh = w.count;
	c->cut = false;
	c->switched = w.switched;
	if (__builtin_expect(c->keep + c->fresh > OUTER_FRAMES, 0)) {
		c->cut = c->keep > OUTER_FRAMES &&
			 stack_frame(t->stack, OUTER_FRAMES)->pc ==
				 RING_FRAME_CUT;
		shorten(t, c);
	}
}

bool stack_start(struct thread *t)
{
	if (!t->steps)
		take_steps(t);
	return (t->stack[0] || take_page(t, &t->stack[0])) &&
	       (t->fresh[0] || take_page(t, &t->fresh[0]));
}

void stack_accept(struct thread *t, const struct capture *c)
{
	uint32_t depth = c->keep + c->fresh;
	uint32_t from = c->fresh;

	t->depth = c->keep;
	for (uint32_t at = c->keep; at < depth; at++) {
		struct frame_page **page = &t->stack[at / AGENT_PAGE_FRAMES];

		if (__builtin_expect(!*page, 0) && !take_page(t, page))
			return;
		(*page)->frame[at % AGENT_PAGE_FRAMES] =
			*stack_frame(t->fresh, --from);
	}
	/*
	 * What lies on two stacks is not relied on: the outer one may be gone
	 * when the inner one is met again.
	 */
	t->depth = c->switched ? 0 : depth;
}
