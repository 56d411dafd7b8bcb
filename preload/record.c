/*
 * record - what the agent does inside malloc and free.
 *
 * Reentrancy rule
 * ---------------
 * Between record_enter() and record_leave() the caller may hold an allocator
 * lock, be in a signal handler, or be halfway through fork. So code there may
 * touch its thread, read its own stack and write to the ring. Nothing else: no
 * allocation, no lock, no stdio, no call into libc but _dl_find_object() and
 * what the compiler makes of memcpy: so errno is never touched and need not be
 * saved. Where there is an interpreter of Python, also what python_api.h says
 * may be called while recording; and until its frames are read, now and then
 * python_poll().
 *
 * guard.holder is the stack address of who is inside. A call that finds it set
 * comes from a signal handler that interrupted the agent; it is let through
 * and counted. A handler that left by longjmp leaves the word set; the next
 * call from as far out, or one that finds the holder's return address gone
 * from the stack, takes over, with an empty stack cache.
 *
 * Stamps
 * ------
 * A stamp costs 8 ns, a third of what all the rest of a record costs, so a
 * process with one thread writes one only when the collector's heartbeat has
 * moved, about once a millisecond. With threads every event has one: the
 * order of events on an address, and the peak over all threads, depend on it.
 */
#include "preload/record.h"
#include "preload/memory.h"
#include "preload/python.h"
#include "preload/python_frames.h"
#include "preload/ring_writer.h"
#include "preload/stack.h"
#include "preload/thread.h"
#include "preload/verify.h"

#include <string.h>
#include <sys/single_threaded.h>

_Thread_local __attribute__((tls_model("initial-exec"))) struct guard guard;

static bool is_multi(void)
{
	return !__libc_single_threaded ||
	       atomic_load_explicit(&agent.local->threads,
				    memory_order_relaxed) > 1;
}

/*
 * Has who holds the guard left without a word, by longjmp? Only to be told on
 * the thread's own stack: there a call from inside the holder lies below it,
 * and the holder's return address is still where it was. A handler on another
 * stack is taken for one that interrupted the holder.
 */
static bool holder_is_gone(const struct thread *t,
			   const struct registers *caller)
{
	const struct extent *own = &t->own;

	if (!thread_is_own(t) || caller->sp < own->low ||
	    caller->sp >= own->high || guard.holder < own->low ||
	    guard.holder >= own->high || memory_is_signal_stack())
		return false;
	return caller->sp >= guard.holder ||
	       *(const uintptr_t *)(guard.holder - 8) != guard.holder_pc;
}

bool record_is_interrupted(const struct registers *caller)
{
	const struct thread *t = guard.thread;

	return guard.holder && !(t && holder_is_gone(t, caller));
}

/* A call that is not recorded: of a handler, or of a child that one made. */
static void pass_by(struct thread *t)
{
	if (t && thread_is_own(t))
		atomic_fetch_add_explicit(&t->slot->reentrant, 1,
					  memory_order_relaxed);
	else if (t && agent_start())
		atomic_fetch_add_explicit(&agent.ring->header.lost, 1,
					  memory_order_relaxed);
}

struct thread *record_enter_slowly(const struct registers *caller)
{
	struct thread *t = guard.thread;

	if (record_is_interrupted(caller)) {
		pass_by(t);
		return NULL;
	}
	if (!agent_start())
		return NULL;
	if (guard.holder && t && thread_is_own(t)) {
		t->depth = 0;
		atomic_store_explicit(&t->slot->open, 0, memory_order_release);
	}
	guard.holder_pc = caller->pc;
	guard.holder = caller->sp;
	atomic_signal_fence(memory_order_seq_cst);
	if (!t || !thread_is_own(t))
		t = thread_attach();
	if (!t)
		record_leave();
	guard.thread = t;
	return t;
}

struct thread *record_thread(void)
{
	return guard.holder && guard.thread && thread_is_own(guard.thread)
		       ? guard.thread
		       : NULL;
}

static __attribute__((noinline)) void record_beat(struct thread *t,
						  uint64_t beat)
{
	uint64_t *w;

	/* No event: that there is no room for it is no loss. */
	if (t->end - t->pos < 2 && !ring_writer_next_chunk(t))
		return;
	w = t->pos;
	t->beat = beat;
	w[0] = RING_CLOCK | RING_STAMPED;
	w[1] = agent_stamp();
	ring_writer_commit(t, w + 2);
}

/* An event that has no stamp of its own is placed by the last one. */
static inline void record_clock(struct thread *t)
{
	uint64_t beat = atomic_load_explicit(&agent.ring->header.heartbeat,
					     memory_order_relaxed);

	if (__builtin_expect(beat != t->beat, 0))
		record_beat(t, beat);
}

/* The stamp of an event that is being written; the collector waits for it. */
static uint64_t open_stamp(struct thread *t)
{
	uint64_t stamp = agent_stamp();

	atomic_store_explicit(&t->slot->open, stamp, memory_order_relaxed);
	return stamp;
}

static void close_stamp(struct thread *t)
{
	/* Release: after the record's commit. */
	atomic_store_explicit(&t->slot->open, 0, memory_order_release);
}

/*
 * Send frames ahead until no more than RING_INLINE_FRAMES are left to go with
 * the event. The outermost go first. False when the ring is full.
 */
static bool send_stack(struct thread *t, struct capture *c)
{
	uint32_t fresh = c->fresh, keep = c->keep;

	while (fresh > RING_INLINE_FRAMES) {
		uint64_t *w = ring_writer_reserve(t, 1 + RING_INLINE_FRAMES);

		if (!w)
			return false;
		fresh -= RING_INLINE_FRAMES;
		w[0] = RING_STACK |
		       (uint64_t)RING_INLINE_FRAMES << RING_COUNT_SHIFT |
		       (uint64_t)keep << RING_ADDR_SHIFT;
		for (uint32_t i = 0; i < RING_INLINE_FRAMES; i++)
			w[1 + i] = stack_frame(t->fresh, fresh + i)->pc;
		ring_writer_commit(t, w + 1 + RING_INLINE_FRAMES);
		keep += RING_INLINE_FRAMES;
	}
	return true;
}

static inline uint32_t recording(void)
{
	return atomic_load_explicit(&agent.ring->header.recording,
				    memory_order_relaxed);
}

/* What is not recorded begins unknown; the block that it was has ended. */
static __attribute__((noinline)) void pass_over(struct thread *t,
						enum ring_kind kind)
{
	if (kind == RING_REALLOCATED)
		record_free(t, RING_FREE, NULL);
}

/* Frames [keep, depth) of Python, from the innermost outwards. */
static uint64_t *put_python(struct thread *t, uint64_t *w, uint32_t keep,
			    uint32_t depth)
{
	while (depth > keep)
		*w++ = python_frames_at(t, --depth)->word;
	return w;
}

/*
 * Send what is new of Python's frames ahead. False when the ring is full; what
 * has been sent is known to be.
 */
static bool send_python(struct thread *t)
{
	struct python_stack *s = &t->python;
	uint32_t end = s->depth;

	if (!s->known) {
		s->known = true;
		/* From now on native frames are kept for us: all of them. */
		t->depth = 0;
	}
	do {
		uint32_t keep = s->same;
		uint32_t n = end - keep;
		uint64_t *w;

		if (n > RING_INLINE_FRAMES)
			n = RING_INLINE_FRAMES;
		w = ring_writer_reserve(t, 1 + n);
		if (!w)
			return false;
		w[0] = RING_STACK | (uint64_t)n << RING_COUNT_SHIFT |
		       (uint64_t)(keep | RING_STACK_PYTHON) << RING_ADDR_SHIFT;
		ring_writer_commit(t, put_python(t, w + 1, keep, keep + n));
		s->same = s->sent = keep + n;
	} while (s->same < end);
	return true;
}

static bool python_is_sent(const struct python_stack *s)
{
	return s->same == s->depth && s->sent == s->depth;
}

/* An event with native frames is of Python's frames as they are, too. */
static __attribute__((noinline)) void bring_python(struct thread *t)
{
	struct python_stack *s = &t->python;

	if (python_state_now() != PYTHON_ON) {
		python_poll();
		return;
	}
	python_read(t);
	if (!python_is_sent(s))
		send_python(t);
}

/* A block that outgrew Python's pools moves into this one: python_objects.c. */
static __attribute__((noinline)) enum ring_kind move_into(struct thread *t,
							  enum ring_kind kind)
{
	const void *old = (const void *)t->moving;

	if (kind == RING_MAP)
		return kind;
	t->moving = 0;
	if (kind == RING_ALLOC) {
		record_free(t, RING_REALLOC, old);
		kind = RING_REALLOCATED;
	}
	return kind;
}

void record_alloc(struct thread *t, enum ring_kind kind, const void *addr,
		  size_t size, const struct registers *caller)
{
	struct capture c;
	bool multi = is_multi();
	uint32_t n;
	uint64_t *w = NULL;

	if (kind != RING_MAP)
		record_took(t, addr);
	if (__builtin_expect(t->moving != 0, 0))
		kind = move_into(t, kind);
	if (__builtin_expect(recording() != RING_RECORDING_ON, 0)) {
		pass_over(t, kind);
		return;
	}
	if (__builtin_expect(python_state_now() != PYTHON_NONE, 0))
		bring_python(t);
	stack_capture(t, caller, &c);
	n = c.fresh;
	if (__builtin_expect(agent.verify, 0))
		verify_capture(t, &c, caller);
	if (!multi)
		record_clock(t);
	if (n <= RING_INLINE_FRAMES || send_stack(t, &c)) {
		while (n > RING_INLINE_FRAMES)
			n -= RING_INLINE_FRAMES;
		w = ring_writer_reserve(t, 3 + n);
	}
	if (!w) {
		if (t->depth > c.keep && c.fresh > RING_INLINE_FRAMES)
			t->depth = c.keep;
		return;
	}
	w[0] = kind | (multi ? RING_STAMPED : 0) |
	       (uint64_t)n << RING_COUNT_SHIFT |
	       (uint64_t)(uintptr_t)addr << RING_ADDR_SHIFT;
	w[1] = (size & (((uint64_t)1 << RING_KEEP_SHIFT) - 1)) |
	       (uint64_t)(c.keep + c.fresh - n) << RING_KEEP_SHIFT;
	w += 2;
	if (multi)
		*w++ = open_stamp(t);
	for (uint32_t i = 0; i < n; i++)
		*w++ = stack_frame(t->fresh, i)->pc;
	ring_writer_commit(t, w);
	if (multi)
		close_stamp(t);
	if (c.fresh || c.keep != t->depth)
		stack_accept(t, &c);
	if (c.cut)
		atomic_fetch_add_explicit(&t->slot->truncated, 1,
					  memory_order_relaxed);
}

void record_object(struct thread *t, enum ring_kind kind, const void *addr,
		   size_t size, const struct registers *caller)
{
	const enum ring_kind plain =
		kind == RING_OBJECT ? RING_ALLOC : RING_REALLOCATED;
	struct python_stack *s = &t->python;
	bool multi = is_multi();
	uint64_t *w;
	uint32_t n;

	record_took(t, addr);
	if (__builtin_expect(recording() != RING_RECORDING_ON, 0)) {
		pass_over(t, plain);
		return;
	}
	if (__builtin_expect(python_state_now() != PYTHON_ON, 0)) {
		record_alloc(t, plain, addr, size, caller);
		return;
	}
	python_read_holder(t);
	if (__builtin_expect(!s->depth, 0)) {
		record_alloc(t, plain, addr, size, caller);
		return;
	}
	if (!multi)
		record_clock(t);
	if (__builtin_expect(
		    !s->known || s->depth - s->same > RING_INLINE_FRAMES, 0) &&
	    !send_python(t))
		return;
	n = s->depth - s->same;
	w = ring_writer_reserve(t, 3 + n);
	if (!w)
		return;
	w[0] = kind | (multi ? RING_STAMPED : 0) |
	       (uint64_t)n << RING_COUNT_SHIFT |
	       (uint64_t)(uintptr_t)addr << RING_ADDR_SHIFT;
	w[1] = (size & (((uint64_t)1 << RING_KEEP_SHIFT) - 1)) |
	       (uint64_t)s->same << RING_KEEP_SHIFT;
	w += 2;
	if (multi)
		*w++ = open_stamp(t);
	ring_writer_commit(t, put_python(t, w, s->same, s->depth));
	if (multi)
		close_stamp(t);
	s->same = s->sent = s->depth;
}

/*
 * One or two fixed words, and a stamp in a process with threads: of now, or
 * what has two, an unmap, of when it began.
 */
static void record_words(struct thread *t, uint64_t first, const uint64_t *more)
{
	bool multi = is_multi();
	uint64_t *w;

	if (__builtin_expect(recording() == RING_RECORDING_NOT_YET, 0))
		return;
	if (!multi)
		record_clock(t);
	w = ring_writer_reserve(t, 3);
	if (!w)
		return;
	*w++ = first | (multi ? RING_STAMPED : 0);
	if (more)
		*w++ = *more;
	if (multi)
		*w++ = more && t->held ? t->held : open_stamp(t);
	ring_writer_commit(t, w);
	if (multi)
		close_stamp(t);
	if (more)
		t->held = 0;
}

void record_free(struct thread *t, enum ring_kind kind, const void *addr)
{
	record_gave(t, addr);
	record_words(t, kind | (uint64_t)(uintptr_t)addr << RING_ADDR_SHIFT,
		     NULL);
}

void record_hold(struct thread *t)
{
	if (is_multi())
		t->held = open_stamp(t);
}

void record_let_go(struct thread *t)
{
	t->held = 0;
	close_stamp(t);
}

void record_unmap(struct thread *t, const void *addr, size_t size)
{
	const uint64_t bytes = size;

	record_words(t,
		     RING_UNMAP | (uint64_t)(uintptr_t)addr << RING_ADDR_SHIFT,
		     &bytes);
}

void record_payload(struct thread *t, enum ring_kind kind, uintptr_t addr,
		    const void *payload, size_t size)
{
	const size_t most = RING_COUNT_MAX - 64;
	size_t words = (size + 7) / 8;
	uint64_t *w;

	if (words > most) {
		words = most;
		size = most * 8;
	}
	w = ring_writer_reserve(t, 2 + words);
	if (!w)
		return;
	w[0] = kind | RING_STAMPED | words << RING_COUNT_SHIFT |
	       addr << RING_ADDR_SHIFT;
	w[1] = open_stamp(t);
	if (words)
		w[1 + words] = 0;
	memcpy(w + 2, payload, size);
	ring_writer_commit(t, w + 2 + words);
	close_stamp(t);
}
