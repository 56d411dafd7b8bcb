/*
 * collector-writers - the agent's own code writes while the collector reads.
 *
 * Slots of processes and threads, chunks and waiting are those of the agent;
 * of it only the wrappers and the unwinder are missing. Both sides use one
 * mapping, because ThreadSanitizer tells memory by its address and would see
 * nothing between two. Threads come and go while records are read, so slots and
 * chunks are used again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "session.h"

#include "preload/ring_writer.c"
#include "preload/thread.c"

struct rule_table *rule_table; /* of preload/rule.c */

enum {
	ROUNDS = 6,
	THREADS = 4,
	STEPS = 40000, /* blocks of each thread */
	SIZE = 24,
	FRAME = 0x1000, /* of all stacks, in no module */
};

struct agent agent = { .parent = 0 };

static _Atomic int is_over;
static _Atomic uint64_t written;

bool stack_start(struct thread *t)
{
	(void)t;
	return true;
}

/* Where the collector has the ring. */
static struct ring *find_ring(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long low = 0, high, found = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, "/memfd:memprof") &&
		    sscanf(line, "%lx-%lx", &low, &high) == 2 &&
		    high - low >= sizeof(struct ring))
			found = low;
	}
	fclose(maps);
	assert_int_not_equal(found, 0);
	return (struct ring *)found;
}

static void agent_begin(void)
{
	void *local = mmap(NULL, sizeof(struct local), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(local != MAP_FAILED);
	agent = (struct agent){ .ring = find_ring(),
				.local = local,
				.origin = RING_ORIGIN_RUN };
}

static bool put(struct thread *t, const uint64_t *words, size_t count)
{
	uint64_t *at = ring_writer_reserve(t, count);

	if (!at)
		return false;
	memcpy(at, words, count * sizeof(*words));
	ring_writer_commit(t, at + count);
	return true;
}

/* A block that is freed at once; each thread has addresses of its own. */
static void *work(void *argument)
{
	uint64_t addr = (uint64_t)(uintptr_t)argument << 24;
	struct thread *t;

	/* Fails, and is counted, while another takes the process's slot. */
	do
		t = thread_attach();
	while (!t);
	for (uint64_t i = 0; i < STEPS; i++) {
		uint64_t block = addr + i % 1000 * 64;
		const uint64_t alloc[] = {
			RING_ALLOC | RING_STAMPED |
				UINT64_C(1) << RING_COUNT_SHIFT |
				block << RING_ADDR_SHIFT,
			SIZE,
			agent_stamp(),
			FRAME,
		};
		const uint64_t free[] = { RING_FREE | RING_STAMPED |
						  block << RING_ADDR_SHIFT,
					  agent_stamp() };

		if (put(t, alloc, 4))
			atomic_fetch_add(&written, 1);
		put(t, free, 2);
	}
	return NULL;
}

static void *collect(void *argument)
{
	struct session *s = argument;
	struct err err;

	while (!atomic_load(&is_over))
		if (collector_poll(s->collector, &err) < 0)
			return NULL;
	return s;
}

static void run_threads(void)
{
	pthread_t thread[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, work, (void *)(i + 1)),
			0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void check_trace(const struct session *s)
{
	struct trace *t = session_open(s);
	const struct model_stats *stats = trace_stats(t);
	uint64_t allocs = 0, lost = trace_quality(t)->lost_events;
	size_t sites, threads;

	assert_null(trace_problem(t));
	trace_sites(t, &sites);
	for (size_t i = 0; i < sites; i++)
		allocs += stats[i].allocs;
	assert_int_equal(allocs, written);
	/* The ring overflows on a machine that stands still for seconds. */
	if (!lost) {
		assert_int_equal(allocs, ROUNDS * THREADS * STEPS);
		assert_int_equal(trace_quality(t)->unmatched_frees, 0);
	}
	trace_threads(t, &threads);
	assert_int_equal(threads, ROUNDS * THREADS);
	trace_close(t);
}

static void test_real_writers(void **state)
{
	struct session s;
	pthread_t collector;
	void *good;

	(void)state;
	session_start(&s, 0);
	agent_begin();
	collector_set_pid(s.collector, getpid());
	pthread_create(&collector, NULL, collect, &s);
	for (int i = 0; i < ROUNDS; i++)
		run_threads();
	atomic_store(&is_over, 1);
	pthread_join(collector, &good);
	assert_non_null(good);
	session_finish(&s);
	check_trace(&s);
	session_end(&s);
	munmap(agent.local, sizeof(*agent.local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
