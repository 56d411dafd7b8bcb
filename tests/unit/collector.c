/*
 * collector - what goes into the ring comes out of the trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_program.h"

static void run(uint32_t steps, uint32_t threads, uint32_t processes,
		unsigned int sizes)
{
	struct session s;
	struct fake *f = fake_create(&s, threads > 1 ? stamp_now() : 0, 0);
	uint32_t share = threads / processes;
	struct trace *t;

	f->sizes = sizes;
	for (uint32_t p = 0; p < processes; p++)
		start_threads(f,
			      fake_process(f->ring, SESSION_PID + (int32_t)p,
					   RING_ORIGIN_RUN, 0, stamp_now()),
			      p * share, share);
	for (uint32_t i = 0; i < steps; i++) {
		step(f, threads);
		if (!random_below(3000))
			session_poll(&s);
	}
	session_finish(&s);
	t = session_open(&s);
	check_whole(t);
	assert_int_equal(trace_run(t)->events, f->events);
	assert_int_equal(trace_run(t)->pid, SESSION_PID);
	assert_string_equal(trace_run(t)->argv[1], "\xff\n");
	compare(f, t);
	check_events(t, f->events);
	trace_close(t);
	session_end(&s);
	fake_destroy(f);
}

static void test_one_thread(void **state)
{
	(void)state;
	run(60000, 1, 1, 8);
}

static void test_threads(void **state)
{
	(void)state;
	run(60000, 4, 1, 8);
}

static void test_processes(void **state)
{
	(void)state;
	run(60000, 6, 2, 8);
}

/* More sizes at a node than it may have sites of one size. */
static void test_many_sizes(void **state)
{
	(void)state;
	run(60000, 2, 1, 700);
}

/* More events than a block of events holds, and many flushes. */
static void test_many_events(void **state)
{
	(void)state;
	run(3000000, 3, 1, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_thread),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_many_sizes),
		cmocka_unit_test(test_many_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
