/*
 * collector-threads - threads that really run at once keep their order.
 *
 * Blocks come from the C library and go from hand to hand through a table of
 * atomic pointers, so that addresses are used again by other threads at once.
 * Whatever the interleaving was, each free must find its block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "fake_agent.h"
#include "session.h"
#include "trace/stamp.h"

enum {
	THREADS = 4,
	STEPS = 30000,
	SLOTS = 64,
	SIZE = 48,
};

struct crew {
	struct ring *ring;
	ring_ref process;
	_Atomic(void *) slot[SLOTS];
	_Atomic uint64_t allocs, reallocs;
	_Atomic int running;
};

struct worker {
	struct crew *crew;
	pthread_t thread;
	struct fake_thread ring;
	uint32_t number;
};

static const struct fake_stack empty_stack;

static void alloc_one(struct worker *w, _Atomic(void *) *slot)
{
	void *old;
	void *p;

	atomic_store(&w->ring.slot->open, stamp_now());
	p = malloc(SIZE);
	fake_take(&w->ring, RING_ALLOC, (uintptr_t)p, SIZE, &empty_stack,
		  stamp_now());
	atomic_store(&w->ring.slot->open, 0);
	atomic_fetch_add(&w->crew->allocs, 1);
	old = atomic_exchange(slot, p);
	if (!old)
		return;
	fake_give(&w->ring, RING_FREE, (uintptr_t)old, stamp_now());
	free(old);
}

static void realloc_one(struct worker *w, _Atomic(void *) *slot)
{
	void *p = atomic_exchange(slot, NULL);

	if (!p)
		return;
	fake_give(&w->ring, RING_REALLOC, (uintptr_t)p, stamp_now());
	p = realloc(p, SIZE * 3);
	fake_take(&w->ring, RING_REALLOCATED, (uintptr_t)p, SIZE * 3,
		  &empty_stack, stamp_now());
	atomic_fetch_add(&w->crew->reallocs, 1);
	fake_give(&w->ring, RING_FREE, (uintptr_t)p, stamp_now());
	free(p);
}

static void *work(void *argument)
{
	struct worker *w = argument;
	uint32_t x = w->number * 2654435761U + 1;

	fake_thread_start(&w->ring, w->crew->ring, w->crew->process,
			  SESSION_PID + (int32_t)w->number, stamp_now());
	for (uint32_t i = 0; i < STEPS; i++) {
		x = x * 1664525 + 1013904223;
		if (x >> 28)
			alloc_one(w, &w->crew->slot[x >> 8 & (SLOTS - 1)]);
		else
			realloc_one(w, &w->crew->slot[x >> 8 & (SLOTS - 1)]);
	}
	atomic_fetch_sub(&w->crew->running, 1);
	return NULL;
}

static void sum_up(const struct trace *t, struct model_stats *sum)
{
	size_t n;
	const struct model_stats *s = trace_stats(t);

	trace_sites(t, &n);
	*sum = (struct model_stats){ 0 };
	for (size_t i = 0; i < n; i++) {
		sum->allocs += s[i].allocs;
		sum->moved_in += s[i].moved_in;
		sum->frees += s[i].frees;
		sum->moved_out += s[i].moved_out;
		sum->bytes += s[i].bytes;
		sum->freed_bytes += s[i].freed_bytes;
	}
}

static void run_crew(struct session *s, struct crew *crew)
{
	struct worker worker[THREADS] = { 0 };

	crew->running = THREADS;
	for (uint32_t i = 0; i < THREADS; i++) {
		worker[i].crew = crew;
		worker[i].number = i;
		pthread_create(&worker[i].thread, NULL, work, &worker[i]);
	}
	while (atomic_load(&crew->running))
		session_poll(s);
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(worker[i].thread, NULL);
}

static void test_hand_to_hand(void **state)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	struct session s;
	struct model_stats sum;
	struct trace *t;
	uint64_t live = 0;

	(void)state;
	session_start(&s, 0);
	crew->ring = fake_ring(collector_ring_fd(s.collector));
	crew->process = fake_process(crew->ring, SESSION_PID, RING_ORIGIN_RUN,
				     0, stamp_now());
	run_crew(&s, crew);
	for (size_t i = 0; i < SLOTS; i++) {
		live += !!crew->slot[i];
		free(crew->slot[i]);
	}
	session_finish(&s);
	t = session_open(&s);
	assert_null(trace_problem(t));
	assert_int_equal(trace_quality(t)->unmatched_frees, 0);
	assert_int_equal(trace_quality(t)->lost_events, 0);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, crew->allocs);
	assert_int_equal(sum.moved_in, crew->reallocs);
	assert_int_equal(sum.bytes - sum.freed_bytes, live * SIZE);
	/* Of a realloc whose stamps were early the old block is freed. */
	assert_int_equal(model_live_blocks(&sum), live);
	trace_close(t);
	session_end(&s);
	munmap(crew->ring, sizeof(*crew->ring));
	free(crew);
}

struct pair {
	struct session session;
	struct ring *ring;
	struct fake_thread a, b;
	uint64_t stamp;
};

static void pair_start(struct pair *p)
{
	ring_ref process;

	session_start(&p->session, 0);
	p->ring = fake_ring(collector_ring_fd(p->session.collector));
	p->stamp = stamp_now();
	process = fake_process(p->ring, SESSION_PID, RING_ORIGIN_RUN, 0,
			       p->stamp);
	fake_thread_start(&p->a, p->ring, process, 1, p->stamp);
	fake_thread_start(&p->b, p->ring, process, 2, p->stamp);
}

static void pair_end(struct pair *p, struct trace *t)
{
	trace_close(t);
	session_end(&p->session);
	munmap(p->ring, sizeof(*p->ring));
}

/* A free whose stamp is a little after that of the use that followed it. */
static void test_late_free(void **state)
{
	struct pair p;
	struct model_stats sum;
	struct trace *t;

	(void)state;
	pair_start(&p);
	fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp + 1);
	fake_take(&p.b, RING_ALLOC, 0x1000, 32, &empty_stack, p.stamp + 10);
	fake_give(&p.a, RING_FREE, 0x1000, p.stamp + 12);
	fake_give(&p.b, RING_FREE, 0x1000, p.stamp + 1000000);
	session_finish(&p.session);
	t = session_open(&p.session);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, 2);
	assert_int_equal(sum.frees, 2);
	assert_int_equal(trace_quality(t)->reordered, 1);
	assert_int_equal(trace_quality(t)->unmatched_frees, 0);
	assert_int_equal(trace_peak(t, MODEL_HEAP)->bytes, 32);
	pair_end(&p, t);
}

/* A free that never came: the next one is not taken for it. */
static void test_lost_free(void **state)
{
	struct pair p;
	struct model_stats sum;
	struct trace *t;

	(void)state;
	pair_start(&p);
	fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp + 1);
	fake_take(&p.b, RING_ALLOC, 0x1000, 32, &empty_stack, p.stamp + 10);
	fake_give(&p.b, RING_FREE, 0x1000, p.stamp + 1000000);
	session_finish(&p.session);
	t = session_open(&p.session);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, 2);
	assert_int_equal(sum.frees, 2);
	assert_int_equal(trace_quality(t)->reordered, 0);
	pair_end(&p, t);
}

/* A block's new owner frees it with a stamp before that of its beginning. */
static void test_early_free(void **state)
{
	struct pair p;
	struct model_stats sum;
	struct trace *t;

	(void)state;
	pair_start(&p);
	fake_give(&p.b, RING_FREE, 0x1000, p.stamp + 10);
	fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp + 110);
	/* Nor is what the same thread does next taken for anything else. */
	fake_take(&p.a, RING_ALLOC, 0x1000, 32, &empty_stack, p.stamp + 120);
	fake_give(&p.b, RING_FREE, 0x2000, p.stamp + 125);
	fake_give(&p.a, RING_REALLOC, 0x1000, p.stamp + 130);
	fake_take(&p.a, RING_REALLOCATED, 0x2000, 64, &empty_stack,
		  p.stamp + 140);
	/* Before the end of the block that had the address first. */
	fake_take(&p.a, RING_ALLOC, 0x7000, 16, &empty_stack, p.stamp + 141);
	fake_give(&p.b, RING_FREE, 0x7000, p.stamp + 142);
	fake_give(&p.a, RING_FREE, 0x7000, p.stamp + 143);
	fake_take(&p.a, RING_ALLOC, 0x7000, 16, &empty_stack, p.stamp + 144);
	/* Of a block that was never known, and of one begun long after. */
	fake_give(&p.a, RING_FREE, 0x3000, p.stamp + 150);
	fake_take(&p.a, RING_ALLOC, 0x3000, 8, &empty_stack, p.stamp + 160);
	fake_give(&p.a, RING_FREE, 0x4000, p.stamp + 170);
	fake_take(&p.b, RING_ALLOC, 0x4000, 4, &empty_stack, p.stamp + 9000);
	session_finish(&p.session);
	t = session_open(&p.session);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, 6);
	assert_int_equal(sum.moved_in, 1);
	assert_int_equal(sum.frees, 4);
	assert_int_equal(sum.bytes - sum.freed_bytes, 8 + 4);
	assert_int_equal(trace_quality(t)->reordered, 3);
	assert_int_equal(trace_quality(t)->unmatched_frees, 2);
	pair_end(&p, t);
}

/* While realloc runs, its old address may become another's. */
static void test_realloc_reuse(void **state)
{
	struct pair p;
	struct model_stats sum;
	struct trace *t;

	(void)state;
	pair_start(&p);
	fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp + 1);
	fake_give(&p.a, RING_REALLOC, 0x1000, p.stamp + 2);
	fake_take(&p.b, RING_ALLOC, 0x1000, 32, &empty_stack, p.stamp + 3);
	fake_take(&p.a, RING_REALLOCATED, 0x2000, 64, &empty_stack,
		  p.stamp + 4);
	fake_give(&p.a, RING_FREE, 0x2000, p.stamp + 5);
	/* One of a block that nobody knows. */
	fake_give(&p.a, RING_REALLOC, 0x5000, p.stamp + 6);
	fake_take(&p.a, RING_REALLOCATED, 0x6000, 8, &empty_stack, p.stamp + 7);
	/* And one that fails. */
	fake_give(&p.b, RING_REALLOC, 0x1000, p.stamp + 8);
	fake_give(&p.b, RING_NOT_REALLOCATED, 0, p.stamp + 9);
	session_finish(&p.session);
	t = session_open(&p.session);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, 2);
	assert_int_equal(sum.moved_in, 2);
	assert_int_equal(sum.frees, 1);
	assert_int_equal(sum.bytes - sum.freed_bytes, 32 + 8);
	assert_int_equal(trace_quality(t)->unmatched_frees, 1);
	assert_int_equal(trace_quality(t)->reordered, 0);
	pair_end(&p, t);
}

/* What a broken stream says after that is not read, but given back. */
static void test_broken(void **state)
{
	const uint64_t lie = RING_ALLOC | (uint64_t)2000 << RING_COUNT_SHIFT;
	struct fake_stack too_deep = { .keep = 9 };
	struct pair p;
	struct model_stats sum;
	struct trace *t;

	(void)state;
	pair_start(&p);
	fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp + 1);
	fake_write(&p.a, &lie, 1);
	for (uint64_t i = 0; i < 100000; i++) {
		fake_take(&p.a, RING_ALLOC, 0x1000, 16, &empty_stack, p.stamp);
		if (!(i % 1000))
			session_poll(&p.session);
	}
	fake_take(&p.b, RING_ALLOC, 0x2000, 32, &empty_stack, p.stamp + 2);
	fake_take(&p.b, RING_ALLOC, 0x3000, 32, &too_deep, p.stamp + 3);
	session_poll(&p.session);
	session_poll(&p.session);
	assert_true(atomic_load(&p.ring->header.queued) < 10);
	session_finish(&p.session);
	t = session_open(&p.session);
	sum_up(t, &sum);
	assert_int_equal(sum.allocs, 2);
	assert_int_equal(trace_quality(t)->lost_events, 2);
	pair_end(&p, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hand_to_hand),
		cmocka_unit_test(test_late_free),
		cmocka_unit_test(test_lost_free),
		cmocka_unit_test(test_early_free),
		cmocka_unit_test(test_realloc_reuse),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
