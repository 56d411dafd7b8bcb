/*
 * mappings - ranges against a page by page account of who mapped what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trace/mappings.h"

enum {
	PAGES = 200,
	PAGE = 4096,
	STEPS = 200000,
};

static uint64_t state_of_random;

static uint32_t random_below(uint32_t n)
{
	uint64_t x = state_of_random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	return (uint32_t)((x ^ x >> 27) * 0x94d049bb133111ebULL >> 33) % n;
}

/* Pages of the mapping that are left. */
static size_t count(const uint32_t *page, uint32_t mapping)
{
	size_t n = 0;

	for (size_t i = 0; i < PAGES; i++)
		n += page[i] == mapping;
	return n;
}

/* Takes pages away from both, and compares what went. */
static void unmap(struct mappings *m, uint32_t *page, size_t first, size_t end)
{
	struct mappings_part part;

	while (mappings_take(m, first * PAGE, end * PAGE, &part)) {
		size_t at = first;
		uint64_t size = 0;
		uint32_t mapping;

		while (!page[at])
			at++;
		mapping = page[at];
		/* Sites are the numbers of the mappings here. */
		assert_int_equal(part.site, mapping);
		for (; at < end && page[at] == mapping && size < part.size;
		     at++) {
			page[at] = 0;
			size += PAGE;
		}
		assert_int_equal(part.size, size);
		assert_int_equal(part.ended, !count(page, mapping));
	}
	for (size_t i = first; i < end; i++)
		assert_int_equal(page[i], 0);
}

static void test_random(void **state)
{
	uint32_t page[PAGES] = { 0 };
	struct mappings m = { 0 };
	uint32_t next = 1;

	(void)state;
	for (size_t i = 0; i < STEPS; i++) {
		size_t first = random_below(PAGES);
		size_t end = first + 1 + random_below(20);

		if (end > PAGES)
			end = PAGES;
		unmap(&m, page, first, end);
		if (random_below(2))
			continue;
		mappings_add(&m, first * PAGE, end * PAGE, next);
		for (size_t at = first; at < end; at++)
			page[at] = next;
		next++;
	}
	/* Entries are used again. */
	assert_true(m.mapping_count <= PAGES);
	unmap(&m, page, 0, PAGES);
	assert_int_equal(m.count, 0);
	mappings_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
