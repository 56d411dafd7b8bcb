/*
 * Tables of lines, written by hand in each of Python's three forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/lines.h"

static struct model_code make(enum model_code_form form, uint32_t first,
			      const char *bytes, size_t size)
{
	return (struct model_code){ .file = "f.py",
				    .name = "f",
				    .qualified = "f",
				    .first_line = first,
				    .form = form,
				    .lines = (const uint8_t *)bytes,
				    .lines_size = (uint32_t)size };
}

static uint32_t line(const struct model_code *c, uint64_t offset)
{
	struct lines_span span;

	return lines_at(c, offset, &span) ? span.line : 0;
}

static void what_has_not_begun_is_at_its_start(void **state)
{
	(void)state;
	for (int form = 0; form < MODEL_CODE_FORMS; form++) {
		struct model_code c =
			make((enum model_code_form)form, 7, "", 0);

		assert_int_equal(line(&c, MODEL_NOT_BEGUN), 7);
	}
}

static void pairs_go_forwards_and_back(void **state)
{
	/* 300 lines on take two pairs, and -3 is behind the next 4 bytes. */
	static const char table[] = "\4\177\0\177\0\56\4\375\6\1";
	struct model_code c =
		make(MODEL_CODE_LNOTAB, 10, table, sizeof(table) - 1);
	uint32_t extent[2];

	(void)state;
	assert_int_equal(line(&c, 0), 10);
	assert_int_equal(line(&c, 3), 10);
	assert_int_equal(line(&c, 4), 310);
	assert_int_equal(line(&c, 7), 310);
	assert_int_equal(line(&c, 8), 307);
	assert_int_equal(line(&c, 14), 308);
	assert_int_equal(line(&c, 100000), 308);
	assert_true(lines_extent(&c, extent));
	assert_int_equal(extent[0], 10);
	assert_int_equal(extent[1], 310);
}

static void some_instructions_have_no_line(void **state)
{
	static const char table[] = "\2\1\4\200\2\376";
	struct model_code c =
		make(MODEL_CODE_LINETABLE, 5, table, sizeof(table) - 1);

	(void)state;
	assert_int_equal(line(&c, 0), 6);
	assert_int_equal(line(&c, 2), 0);
	assert_int_equal(line(&c, 5), 0);
	assert_int_equal(line(&c, 6), 4);
	assert_int_equal(line(&c, 8), 0);
}

static void check_span(const struct model_code *c, uint64_t offset,
		       const struct lines_span *want)
{
	struct lines_span got;

	assert_true(lines_at(c, offset, &got));
	assert_int_equal(got.line, want->line);
	assert_int_equal(got.end_line, want->end_line);
	assert_int_equal(got.column, want->column);
	assert_int_equal(got.end_column, want->end_column);
}

static void columns_come_in_four_codes(void **state)
{
	static const char table[] = {
		/* short: 1 unit, column 2 << 3 | 5 to + 9 */
		(char)(0x80 | 2 << 3), 0x59,
		/* one line, 2 lines on: 2 units, columns 200 to 210 */
		(char)(0x80 | 12 << 3 | 1), (char)200, (char)210,
		/* no columns, 3 lines back */
		(char)(0x80 | 13 << 3), 3 << 1 | 1,
		/* long: 1 line on, to 2 lines below, columns 4 to 70 */
		(char)(0x80 | 14 << 3 | 7), 1 << 1, 2, 5, 64 | 7, 1,
		/* nothing */
		(char)(0x80 | 15 << 3)
	};
	struct model_code c =
		make(MODEL_CODE_LOCATIONS, 20, table, sizeof(table));

	(void)state;
	check_span(&c, 0, &(struct lines_span){ 0, 0, 20, 20, 21, 30 });
	check_span(&c, 2, &(struct lines_span){ 0, 0, 22, 22, 200, 210 });
	check_span(&c, 5, &(struct lines_span){ 0, 0, 22, 22, 200, 210 });
	check_span(&c, 6, &(struct lines_span){ 0, 0, 19, 19, -1, -1 });
	check_span(&c, 8, &(struct lines_span){ 0, 0, 20, 22, 4, 70 });
	check_span(&c, 23, &(struct lines_span){ 0, 0, 20, 22, 4, 70 });
	assert_int_equal(line(&c, 24), 0);
	assert_int_equal(line(&c, 26), 0);
}

/* Whatever stands there: an end, and lines that Python could have. */
static void walk(const struct model_code *code)
{
	struct lines_cursor c;
	struct lines_span span;
	uint64_t end = 0;

	lines_begin(&c, code);
	while (lines_next(&c, &span)) {
		assert_int_equal(span.start, end);
		assert_true(span.end >= span.start);
		assert_true(span.line <= INT32_MAX);
		assert_true(span.end_line >= span.line);
		end = span.end;
	}
	assert_false(lines_next(&c, &span));
}

static void damaged_tables_end(void **state)
{
	static const char *const tables[] = {
		"\377",
		"\377\377",
		"\360\177\177\177\177\177\177\177",
		"\350\177\177\177\177\177\177\77",
		"\201",
		"\340",
		"\0\200",
	};
	struct model_code c;

	(void)state;
	for (int form = 0; form <= MODEL_CODE_FORMS; form++)
		for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
			c = make((enum model_code_form)form, UINT32_MAX,
				 tables[i], strlen(tables[i]));
			walk(&c);
			c.first_line = 0;
			walk(&c);
		}
}

static void lines_that_are_none_are_not_shown(void **state)
{
	struct model_code c = make(MODEL_CODE_LNOTAB, 3, "\2\373", 2);
	struct lines_span span;

	(void)state;
	assert_int_equal(line(&c, 0), 3);
	assert_false(lines_at(&c, 2, &span));
	c.first_line = UINT32_MAX;
	assert_false(lines_at(&c, MODEL_NOT_BEGUN, &span));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_not_begun_is_at_its_start),
		cmocka_unit_test(pairs_go_forwards_and_back),
		cmocka_unit_test(some_instructions_have_no_line),
		cmocka_unit_test(columns_come_in_four_codes),
		cmocka_unit_test(damaged_tables_end),
		cmocka_unit_test(lines_that_are_none_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
