/*
 * The language of --where: what it means, and where it says that it is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/where.h"

/* A block, as far as it is known. */
struct block {
	const char *file, *function, *thread;
	uint64_t line, size, lifetime;
	bool is_alive; /* else of an unknown lifetime */
};

static enum where_answer answer(bool yes)
{
	return yes ? WHERE_YES : WHERE_NO;
}

static enum where_answer ask(void *context, const struct where_test *test)
{
	const struct block *b = context;

	switch (test->field) {
	case WHERE_FILE:
		return answer(where_fits_path(test, b->file));
	case WHERE_FUNCTION:
		return answer(where_fits_text(test, b->function));
	case WHERE_THREAD:
		return answer(where_fits_text(test, b->thread));
	case WHERE_LINE:
		return answer(where_fits_number(test, b->line));
	case WHERE_SIZE:
		return answer(where_fits_number(test, b->size));
	case WHERE_LIFETIME:
		if (!b->lifetime)
			return WHERE_MAYBE;
		return answer(where_fits_number(test, b->lifetime));
	case WHERE_LIVE:
		return answer(where_fits_number(test, b->is_alive));
	default:
		return WHERE_MAYBE;
	}
}

static enum where_answer evaluate(const char *text, const struct block *b)
{
	struct block copy = *b;
	struct err err = { "" };
	struct where *w = where_parse(text, &err);
	enum where_answer got;

	if (!w)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(where_text(w), text);
	got = where_evaluate(w, ask, &copy);
	where_destroy(w);
	return got;
}

static const struct block sample = {
	.file = "/home/u/src/parse/line.c",
	.function = "ns::parse",
	.thread = "io-3",
	.line = 12,
	.size = 4096,
};

static void expressions_mean_what_they_say(void **state)
{
	static const struct {
		const char *text;
		enum where_answer answer;
	} cases[] = {
		{ "size = 4096", WHERE_YES },
		{ "size == 4KiB", WHERE_YES },
		{ "size = 4 KiB", WHERE_YES },
		{ "size = 4.0KiB", WHERE_YES },
		{ "size = 4.5KiB", WHERE_NO },
		{ "size > 4KiB", WHERE_NO },
		{ "size >= 4KiB", WHERE_YES },
		{ "size < 4097", WHERE_YES },
		{ "size <= 4kB", WHERE_NO },
		{ "size != 4kB", WHERE_YES },
		{ "size > 0.003MB", WHERE_YES },
		{ "line=12", WHERE_YES },
		{ "file ~ \"src/parse/*\"", WHERE_YES },
		{ "file ~ 'parse/*'", WHERE_YES },
		{ "file ~ 'arse/*'", WHERE_NO },
		{ "file ~ \"/home/*\"", WHERE_YES },
		{ "file = line.c", WHERE_YES },
		{ "file = ine.c", WHERE_NO },
		{ "file !~ *.c", WHERE_NO },
		{ "function ~ ns::*", WHERE_YES },
		{ "function = parse", WHERE_NO },
		{ "thread ~ 'io-*' and line < 13", WHERE_YES },
		{ "size = 1 or size = 4096 and line = 12", WHERE_YES },
		{ "(size = 1 or size = 4096) and line = 1", WHERE_NO },
		{ "not size = 1 and not not line = 12", WHERE_YES },
		{ "not (size = 1 or line = 12)", WHERE_NO },
		{ "live or line = 1", WHERE_NO },
		{ "lifetime < 1ms", WHERE_MAYBE },
		{ "not lifetime < 1ms", WHERE_MAYBE },
		{ "lifetime < 1ms and size = 1", WHERE_NO },
		{ "lifetime < 1ms or size = 4096", WHERE_YES },
		{ "size = 4096 and lifetime < 1ms", WHERE_MAYBE },
		{ "function = \"\\\"\\\\\" or function != '\\''", WHERE_YES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (evaluate(cases[i].text, &sample) != cases[i].answer)
			fail_msg("wrong: %s", cases[i].text);
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "lifetime = 7ns", 7 },
		{ "lifetime = 7us", 7000 },
		{ "lifetime = 1.5ms", 1500000 },
		{ "lifetime = 2 s", 2000000000 },
		{ "lifetime = 2m", 120000000000 },
		{ "lifetime = 1h", 3600000000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct block b = { .lifetime = cases[i].ns };

		if (evaluate(cases[i].text, &b) != WHERE_YES)
			fail_msg("wrong: %s", cases[i].text);
	}
}

static void what_is_unknown_differs(void **state)
{
	const struct block b = { .size = 1 };

	(void)state;
	assert_int_equal(evaluate("file = a.c", &b), WHERE_NO);
	assert_int_equal(evaluate("file ~ *", &b), WHERE_NO);
	assert_int_equal(evaluate("file != a.c", &b), WHERE_YES);
}

static void mistakes_have_a_column(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "column 1: a condition is missing" },
		{ "size >", "column 7: a number is missing" },
		{ "size > 4XB", "column 9: no unit 'XB': use B KiB MiB GiB kB "
				"MB GB" },
		{ "lifetime < 1",
		  "column 13: a unit is missing: use ns us ms s "
		  "m h" },
		{ "line < 1KiB", "column 9: no unit 'KiB' for this number" },
		{ "size ~ 4", "column 6: a number needs one of = != < <= > "
			      ">=" },
		{ "file < a", "column 6: a text needs one of = != ~ !~" },
		{ "file a", "column 6: a text needs one of = != ~ !~" },
		{ "size > 4 file = a", "column 10: 'and' or 'or' is missing" },
		{ "size > 4 and", "column 13: a condition is missing" },
		{ "(size > 4", "column 10: ')' or a word such as 'and' is "
			       "missing" },
		{ "size > 4)", "column 9: 'and' or 'or' is missing" },
		{ "siez > 4", "column 1: no field 'siez': is it 'size'?" },
		{ "colour = 4", "column 1: no field 'colour': see "
				"memprof-where(7)" },
		{ "file = \"\xc3\xa9\" x", "column 12: 'and' or 'or' is "
					   "missing" },
		{ "file = \"abc", "column 8: this text has no end" },
		{ "file = 'a\\n'", "column 10: only \\\\, \\\" and \\' are "
				   "known" },
		{ "size > 99999999999999999999", "column 8: too large a "
						 "number" },
		{ "size > 99999999999TiB", "column 8: too large a number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { "" };

		assert_null(where_parse(cases[i].text, &err));
		assert_string_equal(err.text, cases[i].error);
	}
}

static void nesting_is_limited_and_length_is_not(void **state)
{
	enum { TERMS = 5000 };
	char *text = calloc(TERMS, 16);
	struct err err;
	struct where *w;

	(void)state;
	memset(text, '(', 1000);
	assert_null(where_parse(text, &err));
	assert_non_null(strstr(err.text, "nested too deeply"));
	for (int i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "not ", 4);
	assert_null(where_parse(text, &err));
	assert_non_null(strstr(err.text, "nested too deeply"));
	text[0] = '\0';
	for (int i = 0; i < TERMS; i++)
		sprintf(text + 12 * (size_t)i, "size = %c or ", '1');
	strcpy(text + 12 * (TERMS - 1), "size = 2");
	w = where_parse(text, &err);
	assert_non_null(w);
	assert_int_equal(where_tests(w), TERMS);
	assert_true(where_uses(w, WHERE_SIZE));
	assert_false(where_uses(w, WHERE_LINE));
	where_destroy(w);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_mean_what_they_say),
		cmocka_unit_test(times_have_units),
		cmocka_unit_test(what_is_unknown_differs),
		cmocka_unit_test(mistakes_have_a_column),
		cmocka_unit_test(nesting_is_limited_and_length_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
