/*
 * collector-marks - a mark is in the file soon, however seldom the collector
 * writes otherwise; but marks do not make it write all the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "session.h"

#define NEVER (3600 * 1000000000ULL) /* ns between blocks, without marks */

enum {
	PATIENCE = 30000, /* polls, 1 ms apart */
};

static size_t marks_written(const struct session *s)
{
	struct trace *t = session_open(s);
	size_t n;

	(void)trace_marks(t, &n);
	trace_close(t);
	return n;
}

static void mark(const struct session *s)
{
	collector_mark(s->collector, "now", MODEL_MARK_COMMAND);
}

static void await_marks(struct session *s, size_t n)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; marks_written(s) < n; i++) {
		assert_true(i < PATIENCE);
		nanosleep(&nap, NULL);
		session_poll(s);
	}
}

static void test_marks_are_written(void **state)
{
	struct session s;

	(void)state;
	session_start(&s, NEVER);
	session_poll(&s);
	mark(&s);
	await_marks(&s, 1);
	mark(&s);
	mark(&s);
	await_marks(&s, 3);
	session_finish(&s);
	session_end(&s);
}

/* What a second takes is written in some dozens of blocks. */
static void test_marks_gather(void **state)
{
	struct timespec start, now;
	struct session s;
	off_t size = 0;
	int changes = 0;

	(void)state;
	session_start(&s, NEVER);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		mark(&s);
		session_poll(&s);
		changes += lseek(s.fd, 0, SEEK_END) != size;
		size = lseek(s.fd, 0, SEEK_END);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - start.tv_sec < 2);
	assert_in_range(changes, 2, 120);
	session_finish(&s);
	session_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_are_written),
		cmocka_unit_test(test_marks_gather),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
