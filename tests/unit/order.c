/*
 * order - ranks against counting, with pages of all kinds: full ones, the last,
 * ones with few left, and none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/order.h"

enum {
	BEGUN = 1 << 16,
	STEPS = 3 << 16,
};

static uint64_t state_of_random;

static uint64_t random_below(uint64_t most)
{
	uint64_t x = state_of_random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	return (x ^ x >> 27) % most;
}

/* Everything that is live, from the youngest on. */
static void check_all(const struct order *o, const uint8_t *is_live)
{
	uint64_t rank = 0, live = 0, next = ORDER_NONE;

	for (uint64_t n = o->next; n-- > 0;) {
		assert_int_equal(order_has(o, n), is_live[n]);
		if (is_live[n]) {
			assert_int_equal(order_rank(o, n), rank);
			assert_int_equal(order_select(o, rank), n);
			next = n;
			rank++;
		}
		assert_int_equal(order_from(o, n), next);
	}
	for (uint64_t n = 0; n < o->next; n++)
		live += is_live[n];
	assert_int_equal(o->live, live);
	assert_false(order_has(o, o->next));
}

static void take(struct order *o, uint8_t *is_live, uint64_t number)
{
	uint64_t rank;

	if (is_live[number] && random_below(2)) {
		rank = order_rank(o, number);
		assert_int_equal(order_end(o, number), rank);
		assert_false(order_has(o, number));
	} else {
		assert_int_equal(order_take(o, number), is_live[number]);
	}
	is_live[number] = 0;
}

/* Keeps about `keep` live, and most of the oldest `stay`. */
static void run(uint64_t keep, uint64_t stay)
{
	uint8_t *is_live = calloc(BEGUN, 1);
	struct order o = { 0 };

	while (o.next < BEGUN) {
		is_live[o.next] = 1;
		order_add(&o);
		while (o.live > keep)
			take(&o, is_live,
			     stay < o.next ? stay + random_below(o.next - stay)
					   : 0);
		if (!(o.next & (o.next - 1)) || o.next == 4095)
			check_all(&o, is_live);
	}
	for (unsigned int i = 0; i < STEPS; i++) {
		take(&o, is_live, random_below(BEGUN));
		if (!(i & (i - 1)))
			check_all(&o, is_live);
	}
	check_all(&o, is_live);
	for (uint64_t n = 0; n < BEGUN; n++)
		take(&o, is_live, n);
	assert_int_equal(o.live, 0);
	assert_int_equal(order_from(&o, 0), ORDER_NONE);
	order_release(&o);
	free(is_live);
}

static void test_all_live(void **state)
{
	(void)state;
	run(BEGUN, 0);
}

static void test_few_live(void **state)
{
	(void)state;
	run(40, 0);
}

static void test_thinly_spread(void **state)
{
	(void)state;
	run(500, 100);
}

/* More pages than a level sums up. */
static void test_long_run(void **state)
{
	enum { LONG = 20 << 20, EVERY = 1 << 17 };
	struct order o = { 0 };

	(void)state;
	while (o.next < LONG) {
		uint64_t number = o.next;

		order_add(&o);
		if (number % EVERY)
			assert_true(order_take(&o, number));
	}
	assert_int_equal(o.live, LONG / EVERY);
	for (uint64_t i = 0; i < o.live; i++) {
		uint64_t number = (o.live - 1 - i) * EVERY;

		assert_int_equal(order_rank(&o, number), i);
		assert_int_equal(order_select(&o, i), number);
	}
	order_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_live),
		cmocka_unit_test(test_few_live),
		cmocka_unit_test(test_thinly_spread),
		cmocka_unit_test(test_long_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
