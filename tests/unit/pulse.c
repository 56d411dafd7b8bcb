/*
 * pulse - the heart beats without the collector, but not for a disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "trace/pulse.h"

static _Atomic uint64_t heart;

static void nap(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void test_beats(void **state)
{
	struct pulse p;
	uint64_t before;

	(void)state;
	pulse_init(&p, &heart);
	pulse_start(&p);
	assert_true(p.runs);
	for (int i = 0; i < 3; i++) {
		before = heart;
		/* For ever, if it does not. */
		while (heart == before)
			nap(1);
		assert_true(heart > before);
	}
	pulse_stop(&p);
	before = heart;
	nap(100);
	assert_int_equal(heart, before);
}

static void test_not_for_a_disk(void **state)
{
	struct pulse p;
	uint64_t before;

	(void)state;
	pulse_init(&p, &heart);
	pulse_start(&p);
	pulse_wait(&p);
	/* It has waited for long. */
	p.waiting -= 1000000000;
	/* A beat may have been under way. */
	nap(100);
	before = heart;
	nap(100);
	assert_int_equal(heart, before);
	pulse_go_on(&p);
	while (heart == before)
		nap(1);
	pulse_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beats),
		cmocka_unit_test(test_not_for_a_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
