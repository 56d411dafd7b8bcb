/*
 * Medians of many numbers, and the times at which blocks began.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/births.h"
#include "analyzer/sketch.h"

static void of_nothing_all_is_zero(void **state)
{
	struct sketch s = { 0 }, other = { 0 };

	(void)state;
	sketch_merge(&s, &other);
	assert_int_equal(s.values, 0);
	assert_int_equal(sketch_median(&s), 0);
	sketch_release(&s);
}

static void medians_are_right_to_three_percent(void **state)
{
	(void)state;
	for (uint64_t value = 1; value < UINT64_MAX / 7; value += 1 + value) {
		struct sketch s = { 0 };

		sketch_add(&s, value / 2);
		sketch_add(&s, value);
		sketch_add(&s, value * 5);
		assert_in_range(sketch_median(&s), value - value / 32,
				value + value / 32);
		assert_int_equal(s.min, value / 2);
		assert_int_equal(s.max, value * 5);
		sketch_release(&s);
	}
}

static void parts_add_up(void **state)
{
	struct sketch all = { 0 }, parts[3] = { { 0 } }, sum = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t value = i * i * 17 % 100003;

		sketch_add(&all, value);
		sketch_add(&parts[i % 3], value);
	}
	for (size_t i = 0; i < 3; i++) {
		sketch_merge(&sum, &parts[i]);
		sketch_release(&parts[i]);
	}
	assert_int_equal(sum.values, all.values);
	assert_int_equal(sum.min, all.min);
	assert_int_equal(sum.max, all.max);
	assert_int_equal(sketch_median(&sum), sketch_median(&all));
	sketch_release(&sum);
	sketch_release(&all);
}

static void every_block_has_its_time(void **state)
{
	enum { BLOCKS = 5000 };
	static uint64_t times[BLOCKS];
	struct births b;

	(void)state;
	births_init(&b, BLOCKS);
	for (uint64_t i = 0; i < BLOCKS; i++) {
		/* Several at a time, and a clock that stands still. */
		times[i] = births_add(&b, i, i / 7 * 3);
		for (uint64_t old = 0; old <= i; old += 1 + i / 9)
			assert_int_equal(births_time(&b, old), times[old]);
	}
	assert_int_equal(times[BLOCKS - 1], (BLOCKS - 1) / 7 * 3);
	/* A clock that goes back is not believed. */
	assert_int_equal(births_add(&b, BLOCKS, 1), times[BLOCKS - 1]);
	births_release(&b);
}

static void memory_goes_with_time_and_is_limited(void **state)
{
	const uint64_t hours = 100 * 3600000000000ULL;
	struct births b;

	(void)state;
	births_init(&b, hours);
	for (uint64_t i = 0; i < 10000000; i++)
		births_add(&b, i, i * 1000000);
	assert_true(b.capacity * sizeof(*b.steps) <= 64 << 20);
	assert_in_range(births_time(&b, 9000000), 8999000000000, 9000000000000);
	births_release(&b);
	/* A duration that is a lie. */
	births_init(&b, 1);
	for (uint64_t i = 0; i < 10000000; i++)
		births_add(&b, i, i * 1000000);
	assert_true(b.capacity * sizeof(*b.steps) <= 64 << 20);
	births_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_nothing_all_is_zero),
		cmocka_unit_test(medians_are_right_to_three_percent),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(every_block_has_its_time),
		cmocka_unit_test(memory_goes_with_time_and_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
