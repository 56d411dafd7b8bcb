/*
 * collector-hostile - a program may write anything into the ring.
 *
 * Words that look like records with random lengths, addresses and stacks, and
 * slots and chunks that point anywhere. The figures may then be nonsense; the
 * collector must live, come to an end, and leave a trace that can be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_agent.h"
#include "session.h"
#include "trace/stamp.h"

enum {
	ROUNDS = 60,
	POLLS = 20,
	THREADS = 8,
	CHUNKS = 64, /* that are spoilt */
};

static uint64_t state_of_random;

static uint64_t random_word(void)
{
	uint64_t x = state_of_random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static uint64_t below(uint64_t n)
{
	return random_word() % n;
}

/* Kinds are good, the rest is what it is. */
static uint64_t likely_first(void)
{
	uint64_t word = fake_first((enum ring_kind)below(16), below(64) * 4096,
				   below(8), 0);

	if (!below(4))
		word |= RING_STAMPED;
	return below(20) ? word : random_word();
}

static uint64_t likely_word(void)
{
	switch (below(5)) {
	case 0:
		return below(10000) | below(6) << RING_KEEP_SHIFT;
	case 1:
		return below(40); /* special frames, lengths */
	case 2:
		return stamp_now() - below(1000000);
	case 3:
		return likely_first();
	default:
		return random_word();
	}
}

/* Records that are whole, more often than not. */
static void spoil_chunk(struct ring_chunk *chunk)
{
	size_t size = sizeof(chunk->words) / 8;

	for (size_t at = 0; at < size;) {
		uint64_t first = likely_first();
		size_t more = 1 + (first >> RING_COUNT_SHIFT) % 2048 % 8;

		chunk->words[at++] = first;
		for (size_t i = 0; i < more && at < size; i++)
			chunk->words[at++] = likely_word();
	}
	atomic_store(&chunk->used,
		     below(4) ? below(size * 8) : (uint32_t)random_word());
	atomic_store(&chunk->next,
		     below(3) ? below(CHUNKS + 2) : (uint32_t)random_word());
}

static void spoil_thread(struct ring_thread *t)
{
	t->tid = (int32_t)random_word();
	t->process = below(10) ? 1 + below(3) : (uint32_t)random_word();
	t->first = below(10) ? 1 + below(CHUNKS) : (uint32_t)random_word();
	t->start = below(2) ? stamp_now() : random_word();
	atomic_store(&t->open, below(2) ? 0 : random_word());
	atomic_store(&t->state,
		     below(4) ? RING_THREAD_LIVE : (uint32_t)random_word());
}

static void spoil_process(struct ring_process *p)
{
	p->origin = below(4) ? below(3) : (uint32_t)random_word();
	p->pid = below(2) ? SESSION_PID : (int32_t)random_word();
	p->parent = below(2) ? below(4) : (uint32_t)random_word();
	p->start = below(2) ? stamp_now() : random_word();
	atomic_store(&p->state, RING_PROCESS_LIVE);
}

static void spoil(struct ring *ring)
{
	struct ring_header *h = &ring->header;

	for (size_t i = 0; i < CHUNKS; i++)
		spoil_chunk(&ring->chunk[i]);
	for (size_t i = 0; i < THREADS; i++)
		spoil_thread(&ring->thread[i]);
	for (size_t i = 0; i < 3; i++)
		spoil_process(&ring->process[i]);
	atomic_store(&h->processes, below(4) ? 3 : (uint32_t)random_word());
	atomic_store(&h->threads, below(4) ? THREADS : (uint32_t)random_word());
	atomic_store(&h->fresh_chunks, (uint32_t)random_word());
	atomic_store(&h->queued, (int32_t)random_word());
	atomic_store(&h->free_chunks, random_word());
	atomic_store(&h->free_threads, random_word());
}

static void test_garbage(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct session s;
		struct ring *ring;
		struct trace *t;

		session_start(&s, 1000000);
		ring = fake_ring(collector_ring_fd(s.collector));
		for (int i = 0; i < POLLS; i++) {
			spoil(ring);
			session_poll(&s);
		}
		session_finish(&s);
		t = session_open(&s);
		assert_true(trace_quality(t)->finished);
		assert_false(trace_quality(t)->damaged);
		trace_close(t);
		session_end(&s);
		munmap(ring, sizeof(*ring));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
