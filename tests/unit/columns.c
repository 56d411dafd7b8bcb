/*
 * columns - what is put into columns comes out of cursors, and a cursor that
 * is lied to says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/scale.h"

/* Numbers around each power of two. */
static uint64_t number(unsigned int i)
{
	return (1ULL << i / 3) + i % 3 - 1;
}

enum {
	NUMBERS = 64 * 3,
	SCALED = SCALE_NUMBER_BITS * 3,
};

static uint64_t most(uint64_t value)
{
	return value >> SCALE_NUMBER_BITS ? (1ULL << SCALE_NUMBER_BITS) - 1
					  : value;
}

static void test_varints(void **state)
{
	struct column c[2] = { 0 };
	struct column payload = { 0 };
	struct cursor r[2];

	(void)state;
	for (unsigned int i = 0; i < NUMBERS; i++) {
		column_put(&c[0], number(i));
		column_put(&c[0], column_zigzag((int64_t)number(i)));
		column_put(&c[0], column_zigzag((int64_t)-number(i)));
	}
	column_put_string(&c[1], "");
	column_put_string(&c[1], "a\nb");
	columns_pack(c, 2, &payload);
	assert_true(cursors_open(r, 2, payload.bytes, payload.size));
	for (unsigned int i = 0; i < NUMBERS; i++) {
		assert_int_equal(cursor_get(&r[0]), number(i));
		assert_int_equal(cursor_unzigzag(cursor_get(&r[0])),
				 (int64_t)number(i));
		assert_int_equal(cursor_unzigzag(cursor_get(&r[0])),
				 (int64_t)-number(i));
	}
	assert_int_equal(cursor_left(&r[0]), 0);
	for (int i = 0; i < 2; i++) {
		char *s = cursor_string(&r[1]);

		assert_string_equal(s, i ? "a\nb" : "");
		free(s);
	}
	assert_false(r[0].bad || r[1].bad);
	cursor_get(&r[0]);
	assert_true(r[0].bad);
	columns_release(c, 2);
	column_release(&payload);
}

static void test_scale(void **state)
{
	struct column c[SCALE_COLUMNS] = { 0 };
	struct cursor r[SCALE_COLUMNS];
	uint64_t before = 0, last = 0;

	(void)state;
	for (unsigned int i = 0; i < SCALED; i++) {
		scale_put(c, number(i), &before);
		/* Near it, and as near as does not count any more. */
		scale_put(c, number(i) + i % 80, &before);
		scale_put(c, number(i), &before);
	}
	scale_put(c, UINT64_MAX, &before);
	for (size_t i = 0; i < SCALE_COLUMNS; i++)
		r[i] = (struct cursor){ .at = c[i].bytes,
					.end = c[i].bytes + c[i].size };
	for (unsigned int i = 0; i < SCALED; i++) {
		assert_int_equal(scale_get(r, &last), number(i));
		assert_int_equal(scale_get(r, &last), most(number(i) + i % 80));
		assert_int_equal(scale_get(r, &last), number(i));
	}
	assert_int_equal(scale_get(r, &last), most(UINT64_MAX));
	assert_false(scale_is_bad(r));
	for (size_t i = 0; i < SCALE_COLUMNS; i++)
		assert_int_equal(cursor_left(&r[i]), 0);
	scale_get(r, &last);
	assert_true(scale_is_bad(r));
	columns_release(c, SCALE_COLUMNS);
}

/* Payloads that promise more than they hold. */
static void test_lies(void **state)
{
	static const uint8_t lies[][4] = {
		{ 0 }, /* no column */
		{ 2, 1, 1, 0 }, /* the second column is missing */
		{ 2, 0x80, 0x80 }, /* a varint without an end */
		{ 200, 1, 0, 0 }, /* more columns than there may be */
		{ 2, 0xff, 1, 0 }, /* longer than all */
	};
	struct cursor r[2];
	struct cursor endless = { .at = (const uint8_t *)"\xff\xff\xff\xff\xff"
							 "\xff\xff\xff\xff\xff"
							 "\xff\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		assert_false(cursors_open(r, 2, lies[i], sizeof(lies[i])));
	assert_false(cursors_open(r, 2, lies[0], 0));
	endless.end = endless.at + 12;
	cursor_get(&endless);
	assert_true(endless.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_varints),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
