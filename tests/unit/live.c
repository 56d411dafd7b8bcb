/*
 * live - the table of live blocks against an array, with addresses that
 * collide, and growing from nothing to many and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trace/live.h"

enum {
	ADDRS = 20000,
	STEPS = 2000000,
};

static uint64_t state_of_random;

static uint64_t random_word(void)
{
	uint64_t x = state_of_random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	return (x ^ x >> 27) * 0x94d049bb133111ebULL >> 8;
}

/* Neighbours, steps of pages, and the highest there is. */
static uint64_t addr_of(uint64_t i)
{
	switch (i % 4) {
	case 0:
		return 16 + i * 4;
	case 1:
		return 0x7f0000000000 + i * 4096;
	case 2:
		return 0xffffffffffff - i * 8;
	default:
		return 0x500000000000 + (i << 30 & 0xfffffffff000) + 1;
	}
}

struct entry {
	bool is_live;
	struct live_block block;
};

static void check(const struct live *l, const struct entry *e, uint64_t addr)
{
	struct live_block block;

	assert_int_equal(live_find(l, addr, &block), e->is_live);
	if (!e->is_live)
		return;
	assert_int_equal(block.site, e->block.site);
	assert_int_equal(block.slack, e->block.slack);
	assert_int_equal(block.number, e->block.number);
}

static void put(struct live *l, struct entry *e, uint64_t addr)
{
	struct live_block old = { 0 };
	struct live_block new = { .site = (uint32_t)random_word(),
				  .slack = random_word() % 3
						   ? (uint32_t)random_word()
						   : 0,
				  .number = random_word() & 0x7fffffffffff };

	assert_int_equal(live_put(l, addr, new, &old), e->is_live);
	if (e->is_live)
		assert_int_equal(old.number, e->block.number);
	*e = (struct entry){ .is_live = true, .block = new };
}

static void take(struct live *l, struct entry *e, uint64_t addr)
{
	struct live_block block = { 0 };

	assert_int_equal(live_take(l, addr, &block), e->is_live);
	if (e->is_live)
		assert_int_equal(block.site, e->block.site);
	e->is_live = false;
}

static void test_random(void **state)
{
	static struct entry entry[ADDRS];
	struct live l = { 0 };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < STEPS; i++) {
		uint64_t n = random_word() % ADDRS;
		/* First it grows, in the end it shrinks. */
		bool grows = random_word() % STEPS > i;

		check(&l, &entry[n], addr_of(n));
		count -= entry[n].is_live;
		if (grows)
			put(&l, &entry[n], addr_of(n));
		else
			take(&l, &entry[n], addr_of(n));
		count += entry[n].is_live;
		assert_int_equal(l.count, count);
	}
	for (size_t n = 0; n < ADDRS; n++)
		check(&l, &entry[n], addr_of(n));
	live_release(&l);
}

static void test_empty(void **state)
{
	struct live l = { 0 };
	struct live_block block;

	(void)state;
	assert_false(live_find(&l, 16, &block));
	assert_false(live_take(&l, 16, &block));
	live_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
