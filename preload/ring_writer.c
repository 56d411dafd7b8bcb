/*
 * ring_writer - take chunks from the pool, and wait for the collector.
 *
 * Waiting
 * -------
 * When RING_QUEUE_LIMIT chunks wait to be read, or none is left, the writer
 * waits as long as the collector's heartbeat moves, and PATIENCE without; and
 * until it has looked PATIENCE_ROUNDS times: where both are held up (a frozen
 * control group, a suspended machine) time says nothing. It sleeps, so that
 * the collector finds a processor even when a thousand threads wait for it; in
 * a sandbox, where a system call may be deadly, it spins. A heart that did not
 * beat for one whole wait is not waited for again until it does: each event
 * then costs one failed look at the pool. A collector that goes away in order
 * leaves 0 as its last heartbeat.
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
#define EXHAUSTION 3000000000LL

enum {
	PATIENCE_ROUNDS = 8, /* of 10 ms */
	SPIN = 5000, /* stamps, at least, in 64 pauses */
};

/* The heartbeat that the last wait in vain saw. */
static _Atomic uint64_t stopped_beat;

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

static uint32_t take(struct thread *t)
{
	struct ring *ring = agent.ring;
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

static uint32_t wait_for_chunk(struct thread *t)
{
	struct ring_header *header = &agent.ring->header;
	uint64_t beat =
		atomic_load_explicit(&header->heartbeat, memory_order_relaxed);
	uint64_t since = agent_stamp();
	bool drop = header->flags & RING_DROP_WHEN_FULL;
	int64_t patience = drop ? LITTLE_PATIENCE : PATIENCE;

	if (!beat ||
	    beat == atomic_load_explicit(&stopped_beat, memory_order_relaxed) ||
	    since - atomic_load_explicit(&exhausted, memory_order_relaxed) <
		    EXHAUSTION)
		return 0;
	atomic_fetch_add_explicit(&t->slot->waited, 1, memory_order_relaxed);
	for (uint64_t round = 0;; round++) {
		uint32_t ref = take(t);
		/* Without a clock, a round of spinning counts as so much. */
		uint64_t now =
			agent.clockless ? since + round * SPIN : agent_stamp();
		uint64_t moved = atomic_load_explicit(&header->heartbeat,
						      memory_order_relaxed);

		if (ref || !moved)
			return ref;
		/* Nothing is on its way: threads hold all that there is. */
		if (atomic_load_explicit(&header->queued,
					 memory_order_relaxed) <= 0 &&
		    (int64_t)(now - since) > EXHAUSTION) {
			atomic_store_explicit(&exhausted, now,
					      memory_order_relaxed);
			return 0;
		}
		if (moved != beat && !drop &&
		    atomic_load_explicit(&header->queued,
					 memory_order_relaxed) > 0) {
			beat = moved;
			since = now;
			round = 0;
		}
		if ((int64_t)(now - since) > patience &&
		    round >= PATIENCE_ROUNDS &&
		    atomic_load_explicit(&header->queued,
					 memory_order_relaxed) > 0)
			break;
		pause_a_little(header);
	}
	atomic_store_explicit(&stopped_beat, beat, memory_order_relaxed);
	return 0;
}

bool ring_writer_next_chunk(struct thread *t)
{
	uint32_t ref = take(t);
	struct ring_chunk *chunk;

	if (!ref)
		ref = wait_for_chunk(t);
	if (!ref)
		return false;
	chunk = &agent.ring->chunk[ref - 1];
	chunk->thread = (ring_ref)(t->slot - agent.ring->thread) + 1;
	atomic_store_explicit(&chunk->next, 0, memory_order_relaxed);
	atomic_store_explicit(&chunk->used, 0, memory_order_relaxed);
	if (t->chunk) {
		atomic_fetch_add_explicit(&agent.ring->header.queued, 1,
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
