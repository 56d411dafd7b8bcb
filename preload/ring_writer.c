/*
 * ring_writer - take chunks from the pool, and wait for the collector.
 *
 * Waiting
 * -------
 * When RING_QUEUE_LIMIT chunks wait to be read, or none is left, the writer
 * waits for as long as the collector gives chunks back. Without, it waits for
 * STALL while the collector's heart beats, which may be busy with something
 * else, and for PATIENCE when it does not; and until it has looked
 * PATIENCE_ROUNDS times: where both are held up (a frozen control group, a
 * suspended machine) time says nothing. It sleeps, so that the collector finds
 * a processor even when a thousand threads wait for it; in a sandbox, where a
 * system call may be deadly, it spins. What was waited for in vain is not
 * waited for again until it moves: each event then costs one failed look at the
 * pool. A collector that goes away in order leaves 0 as its last heartbeat.
 */
#include "preload/ring_writer.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

/*
 * Stamps, at 1 to 4 GHz: half a second to two, or between 75 and 300 ms when
 * the user would rather drop. On a busy machine a collector that is quite well
 * may not get to run for a tenth of a second.
 */
#define PATIENCE 2000000000LL
#define LITTLE_PATIENCE 300000000LL
#define STALL 6000000000LL
#define EXHAUSTION 3000000000LL

enum {
	PATIENCE_ROUNDS = 8, /* of 10 ms */
	SPIN = 5000, /* stamps, at least, in 64 pauses */
};

/* What the last waits in vain saw: a heartbeat, chunks given back + 1. */
static _Atomic uint64_t stopped_beat, stalled_given;

/* When all chunks were last found to be in use by threads; a stamp. */
static _Atomic uint64_t exhausted;

static uint32_t pop_free(struct ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->header.free_chunks,
					     memory_order_acquire);

	while ((uint32_t)head) {
		uint32_t ref = (uint32_t)head;
		uint32_t next;

		if (ref > RING_CHUNKS)
			return 0;
		/* May be stale when another took it: then the tag moved on. */
		next = atomic_load_explicit(&ring->chunk[ref - 1].next_free,
					    memory_order_relaxed);
		uint64_t want = ((head >> 32) + 1) << 32 | next;

		/* Acquire: the collector is done with what it gave back. */
		if (atomic_compare_exchange_weak_explicit(
			    &ring->header.free_chunks, &head, want,
			    memory_order_acquire, memory_order_acquire))
			return ref;
	}
	return 0;
}

static uint32_t pop_fresh(struct ring *ring)
{
	_Atomic uint32_t *fresh = &ring->header.fresh_chunks;
	uint32_t n = atomic_load_explicit(fresh, memory_order_relaxed);

	while (n < RING_CHUNKS) {
		if (atomic_compare_exchange_weak_explicit(fresh, &n, n + 1,
							  memory_order_relaxed,
							  memory_order_relaxed))
			return n + 1;
	}
	return 0;
}

static uint32_t take(const struct thread *t, struct ring *ring)
{
	uint32_t ref;

	/* A thread's first chunk is not held back: it may be all it needs. */
	if (t->chunk &&
	    atomic_load_explicit(&ring->header.queued, memory_order_relaxed) >=
		    RING_QUEUE_LIMIT)
		return 0;
	ref = pop_free(ring);
	return ref ? ref : pop_fresh(ring);
}

static void pause_a_little(struct ring_header *header)
{
	const struct timespec most = { .tv_nsec = 10000000 };
	uint32_t room =
		atomic_load_explicit(&header->room, memory_order_relaxed);

	if (agent.sandboxed) {
		for (int i = 0; i < 64; i++)
			processor_relax();
		return;
	}
	atomic_fetch_add_explicit(&header->waiters, 1, memory_order_relaxed);
	processor_syscall(SYS_futex, (long)&header->room, FUTEX_WAIT, room,
			  (long)&most);
	atomic_fetch_sub_explicit(&header->waiters, 1, memory_order_relaxed);
}

/* What moves while the collector is well, and when it last did. */
struct sign {
	_Atomic uint64_t *word;
	uint64_t value, stamp;
	uint64_t round;
};

static struct sign sign_of(_Atomic uint64_t *word, uint64_t now)
{
	return (struct sign){ .word = word,
			      .value = atomic_load_explicit(
				      word, memory_order_relaxed),
			      .stamp = now };
}

static void look(struct sign *s, uint64_t now, uint64_t round)
{
	uint64_t value = atomic_load_explicit(s->word, memory_order_relaxed);

	if (value == s->value)
		return;
	s->value = value;
	s->stamp = now;
	s->round = round;
}

/* For longer than `patience`, and however long that is, many looks? */
static bool is_still(const struct sign *s, int64_t patience, uint64_t now,
		     uint64_t round)
{
	return (int64_t)(now - s->stamp) > patience &&
	       round - s->round >= PATIENCE_ROUNDS;
}

/* Is there no use in waiting on? That is then known to who comes next. */
static bool is_in_vain(const struct ring_header *header,
		       const struct sign *beat, const struct sign *given,
		       uint64_t now, uint64_t round)
{
	bool drop = header->flags & RING_DROP_WHEN_FULL;
	/* Nothing is on its way: threads hold all that there is. */
	bool idle = atomic_load_explicit(&header->queued,
					 memory_order_relaxed) <= 0;

	if (idle && is_still(given, EXHAUSTION, now, round)) {
		atomic_store_explicit(&exhausted, now, memory_order_relaxed);
		return true;
	}
	if (idle)
		return false;
	if (is_still(given, drop ? LITTLE_PATIENCE : STALL, now, round)) {
		atomic_store_explicit(&stalled_given, given->value + 1,
				      memory_order_relaxed);
		return true;
	}
	if (!is_still(beat, drop ? LITTLE_PATIENCE : PATIENCE, now, round))
		return false;
	atomic_store_explicit(&stopped_beat, beat->value, memory_order_relaxed);
	return true;
}

static bool was_in_vain(const struct sign *beat, const struct sign *given,
			uint64_t now)
{
	return beat->value == atomic_load_explicit(&stopped_beat,
						   memory_order_relaxed) ||
	       given->value + 1 == atomic_load_explicit(&stalled_given,
							memory_order_relaxed) ||
	       now - atomic_load_explicit(&exhausted, memory_order_relaxed) <
		       EXHAUSTION;
}

static uint32_t wait_for_chunk(struct thread *t, struct ring *ring)
{
	struct ring_header *header = &ring->header;
	const uint64_t since = agent_stamp();
	struct sign beat = sign_of(&header->heartbeat, since);
	struct sign given = sign_of(&header->given, since);
	bool drop = header->flags & RING_DROP_WHEN_FULL;

	if (!beat.value || was_in_vain(&beat, &given, since))
		return 0;
	atomic_fetch_add_explicit(&t->slot->waited, 1, memory_order_relaxed);
	for (uint64_t round = 0;; round++) {
		uint32_t ref = take(t, ring);
		/* Without a clock, a round of spinning counts as so much. */
		uint64_t now =
			agent.clockless ? since + round * SPIN : agent_stamp();

		look(&beat, now, round);
		if (ref || !beat.value)
			return ref;
		/* Who would rather drop waits no longer for others' luck. */
		if (!drop)
			look(&given, now, round);
		if (is_in_vain(header, &beat, &given, now, round))
			return 0;
		pause_a_little(header);
	}
}

bool ring_writer_next_chunk(struct thread *t)
{
	struct ring *ring = agent.ring;
	struct ring_chunk *chunk;
	uint32_t ref;

	/* Detached from meanwhile: this ring is another's business. */
	if ((uintptr_t)t->slot - (uintptr_t)ring >= sizeof(*ring))
		return false;
	ref = take(t, ring);
	if (!ref)
		ref = wait_for_chunk(t, ring);
	if (!ref)
		return false;
	chunk = &ring->chunk[ref - 1];
	chunk->thread = (ring_ref)(t->slot - ring->thread) + 1;
	atomic_store_explicit(&chunk->next, 0, memory_order_relaxed);
	atomic_store_explicit(&chunk->used, 0, memory_order_relaxed);
	if (t->chunk) {
		atomic_fetch_add_explicit(&ring->header.queued, 1,
					  memory_order_relaxed);
		/* Release: who follows the link finds a fresh chunk. */
		atomic_store_explicit(&t->chunk->next, ref,
				      memory_order_release);
	} else {
		t->slot->first = ref;
	}
	t->chunk = chunk;
	t->pos = chunk->words;
	t->end = chunk->words + sizeof(chunk->words) / sizeof(chunk->words[0]);
	return true;
}
