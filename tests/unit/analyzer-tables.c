/*
 * The analyzer's own tables: arena, names, lookup, spans and paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/arena.h"
#include "analyzer/names.h"
#include "analyzer/paths.h"
#include "analyzer/spans.h"

static void test_arena(void **state)
{
	struct arena a;
	char *large, *small;

	(void)state;
	arena_init(&a);
	small = arena_alloc(&a, 3, 5);
	large = arena_alloc(&a, 1 << 20, 1);
	assert_int_equal((uintptr_t)small % 16, 0);
	assert_int_equal((uintptr_t)large % 16, 0);
	for (size_t i = 0; i < 1 << 20; i++)
		assert_int_equal(large[i], 0);
	memset(large, 1, 1 << 20);
	for (int i = 0; i < 100000; i++)
		memset(arena_alloc(&a, 1, 24), 2, 24);
	assert_string_equal(arena_text(&a, "abcdef", 3), "abc");
	assert_int_equal(small[14], 0);
	arena_release(&a);
}

static void test_names(void **state)
{
	struct arena a;
	struct names n;
	const char *first;
	char text[32];

	(void)state;
	arena_init(&a);
	names_init(&n, &a);
	first = names_intern(&n, "name 0");
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "name %d", i % 5000);
		assert_string_equal(names_intern(&n, text), text);
	}
	assert_int_equal(n.count, 5000);
	assert_ptr_equal(names_intern(&n, "name 0"), first);
	assert_int_equal(names_number(&n, "name 4999"), 4999);
	assert_null(names_intern(&n, NULL));
	names_release(&n);
	arena_release(&a);
}

static void test_nested_spans(void **state)
{
	struct spans s;

	(void)state;
	spans_init(&s);
	spans_add(&s, 100, 200, 0);
	spans_add(&s, 120, 150, 1);
	spans_add(&s, 130, 140, 2);
	spans_add(&s, 130, 140, 3); /* the same again, further in */
	spans_add(&s, 160, 170, 4);
	spans_add(&s, 300, 300, 5); /* empty */
	spans_add(&s, 400, 300, 6); /* upside down */
	spans_finish(&s);
	assert_int_equal(spans_find(&s, 99), SPANS_NONE);
	assert_int_equal(spans_find(&s, 100), 0);
	assert_int_equal(spans_find(&s, 125), 1);
	assert_int_equal(spans_find(&s, 130), 3);
	assert_int_equal(spans_find(&s, 140), 1);
	assert_int_equal(spans_find(&s, 150), 0);
	assert_int_equal(spans_find(&s, 165), 4);
	assert_int_equal(spans_find(&s, 199), 0);
	assert_int_equal(spans_find(&s, 200), SPANS_NONE);
	assert_int_equal(spans_find(&s, 300), SPANS_NONE);
	spans_release(&s);
}

/* Against the obvious way, with ranges that nest as in a tree. */
static void test_random_spans(void **state)
{
	uint64_t start[200], end[200];
	struct spans s;

	(void)state;
	srand(1);
	spans_init(&s);
	start[0] = 0, end[0] = 10000;
	spans_add(&s, 0, 10000, 0);
	for (uint32_t i = 1; i < 200; i++) {
		int in = rand() % (int)i;
		uint64_t width = end[in] - start[in];

		/* Disjoint children: the i-th takes the i-th part. */
		start[i] = start[in] + width * i / 200;
		end[i] = start[in] + width * (i + 1) / 200;
		spans_add(&s, start[i], end[i], i);
	}
	spans_finish(&s);
	for (uint64_t addr = 0; addr < 10000; addr++) {
		uint32_t best = 0;

		for (uint32_t i = 1; i < 200; i++)
			if (start[i] <= addr && addr < end[i] &&
			    end[i] - start[i] <= end[best] - start[best])
				best = i;
		assert_int_equal(spans_find(&s, addr), best);
	}
	spans_release(&s);
}

/* Overlapping ranges come from broken files: any answer but a wrong one. */
static void test_broken_spans(void **state)
{
	struct spans s;
	uint32_t found;

	(void)state;
	srand(2);
	spans_init(&s);
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t start = (uint64_t)(rand() % 1000);

		spans_add(&s, start, start + (uint64_t)(rand() % 100), i);
	}
	spans_add(&s, UINT64_MAX - 1, UINT64_MAX, 1000);
	spans_finish(&s);
	for (uint64_t addr = 0; addr < 1200; addr++) {
		found = spans_find(&s, addr);
		assert_true(found == SPANS_NONE || found < 1000);
	}
	assert_int_equal(spans_find(&s, UINT64_MAX), SPANS_NONE);
	assert_int_equal(spans_find(&s, UINT64_MAX - 1), 1000);
	spans_release(&s);
}

static void joins(const char *dir, const char *file, const char *expected)
{
	char out[64];

	assert_true(paths_join(dir, file, out, sizeof(out)));
	assert_string_equal(out, expected);
}

static void test_paths(void **state)
{
	char out[8];

	(void)state;
	joins("/src", "a.c", "/src/a.c");
	joins("/src/", "./a.c", "/src/a.c");
	joins("/src/b", "../inc/a.h", "/src/inc/a.h");
	joins("/src/b", "/usr/include/../x.h", "/usr/x.h");
	joins("/", "../../a.c", "/a.c");
	joins("/s", "a//b/./c.c", "/s/a/b/c.c");
	joins("/s", ".../..a/a..", "/s/.../..a/a..");
	joins(NULL, "a/../b.c", "a/../b.c");
	joins("./malloc", "malloc.c", "malloc.c");
	assert_true(paths_join("/", "abcdef", out, sizeof(out)));
	assert_false(paths_join("/", "abcdefg", out, sizeof(out)));
	assert_false(paths_join(NULL, "abcdefgh", out, sizeof(out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_nested_spans),
		cmocka_unit_test(test_random_spans),
		cmocka_unit_test(test_broken_spans),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
