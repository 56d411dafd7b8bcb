/* What reaches a terminal, and in how many columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <locale.h>

#include <cmocka.h>

#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"
#include "trace/xmalloc.h"

static void escapes(const char *text, const char *expected)
{
	char *safe = escape_text(text);

	assert_string_equal(safe, expected);
	free(safe);
}

static void test_text(void **state)
{
	(void)state;
	escapes("plain text, 100%\\", "plain text, 100%\\");
	escapes("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	escapes("\033]0;title\007", "\\x1b]0;title\\x07");
	escapes("a\nb\tc\rd\177", "a\\x0ab\\x09c\\x0dd\\x7f");
	escapes("\xc2\x9b"
		"31m",
		"\\xc2\\x9b31m"); /* C1: CSI */
	escapes("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right to left */
	escapes("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* isolate */
	escapes("\xe2\x80\xa8", "\\xe2\\x80\\xa8"); /* line separator */
}

static void test_invalid(void **state)
{
	(void)state;
	escapes("\x80", "\\x80");
	escapes("\xff\xfe", "\\xff\\xfe");
	escapes("\xc3", "\\xc3");
	escapes("\xc3(", "\\xc3(");
	escapes("\xc0\xaf", "\\xc0\\xaf"); /* overlong */
	escapes("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	escapes("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	escapes("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	escapes("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
}

/* No text of two bytes brings a control character or half a character out. */
static void test_all(void **state)
{
	(void)state;
	for (int i = 1; i < 256; i++)
		for (int j = 1; j < 256; j++) {
			char text[3] = { (char)i, (char)j, 0 };
			char *safe = escape_text(text);

			for (const char *s = safe; *s; s++) {
				struct escape_piece p = escape_next(s);

				assert_true(escape_is_harmless(p));
				s += p.length - 1;
			}
			free(safe);
		}
}

static void test_utf8(void **state)
{
	char *valid = escape_utf8("\033 \xc3\xa9 \xc3 \xff");

	(void)state;
	assert_string_equal(valid, "\033 \xc3\xa9 \\xc3 \\xff");
	free(valid);
}

static void cuts(void (*cut_it)(char *, size_t), const char *text,
		 size_t columns, const char *expected)
{
	char *copy = xstrdup(text);

	cut_it(copy, columns);
	assert_string_equal(copy, expected);
	free(copy);
}

static void test_cut(void **state)
{
	(void)state;
	cuts(escape_cut_middle, "abcdefghij", 10, "abcdefghij");
	cuts(escape_cut_middle, "abcdefghij", 9, "abc...hij");
	cuts(escape_cut_middle, "abcdefghij", 5, "a...j");
	cuts(escape_cut_middle, "abcdefghij", 3, "abcdefghij");
	cuts(escape_cut_path, "/usr/src/lib/a.c", 12, ".../lib/a.c");
	cuts(escape_cut_path, "/usr/src/lib/a.c", 11, ".../lib/a.c");
	cuts(escape_cut_path, "/usr/src/lib/a.c", 10, ".../a.c");
	cuts(escape_cut_path, "/usr/averylongname.c", 10, "...gname.c");
}

static void shortens(const char *name, const char *expected)
{
	char *brief = query_brief_name(name);

	assert_string_equal(brief, expected);
	free(brief);
}

static void test_names(void **state)
{
	(void)state;
	shortens("main", "main");
	shortens("shape::area(int, char*)", "shape::area");
	shortens("shape::area() const", "shape::area");
	shortens("user::make<std::vector<int> >(int)", "user::make<>");
	shortens("(anonymous namespace)::f(int)", "(anonymous namespace)::f");
	shortens("a::(anonymous namespace)::f()",
		 "a::(anonymous namespace)::f");
	shortens("main::{lambda(int)#1}::operator()(int) const",
		 "main::{lambda#1}::operator()");
	shortens("f(int)::{lambda()#2}::operator()() const",
		 "f::{lambda#2}::operator()");
	shortens("<module>", "<module>");
	shortens("outer.<locals>.<lambda>", "outer.<locals>.<lambda>");
	shortens("C.f.<locals>.<genexpr>", "C.f.<locals>.<genexpr>");
	shortens("operator<< <char>(std::ostream&)", "operator<< <>");
	shortens("a::operator<(a const&)", "a::operator<");
	shortens("a::operator->() const", "a::operator->");
	shortens("a::operator[](int)", "a::operator[]");
	shortens("a::operator*(b)", "a::operator*");
	shortens("operator new[](unsigned long)", "operator new[]");
	shortens("a::operator int() const", "a::operator int");
	shortens("f<a->b>(int)", "f<>");
	shortens("<alloc::vec::Vec<T> as core::clone::Clone>::clone",
		 "<alloc::vec::Vec<> as core::clone::Clone>::clone");
	shortens("<(A, B) as mine::Trait>::f", "<(A, B) as mine::Trait>::f");
	shortens("r::main::{{closure}}", "r::main::{{closure}}");
	shortens("f(int) [clone .cold]", "f [clone .cold]");
	shortens("", "");
	shortens("<", "<");
	shortens("a<<<<(((", "a<>");
	shortens("a>>)))", "a>>)))");
	shortens("operator", "operator");
}

static void test_places(void **state)
{
	struct query_frame f = { .function = "f(int)",
				 .file = "/home/u/src/a.c",
				 .line = 12,
				 .module = "/usr/lib/libx.so" };
	struct place_style s = { .cwd = "/home/u" };
	char *text;

	(void)state;
	text = place_line(&f, &s);
	assert_string_equal(text, "f  src/a.c:12");
	free(text);
	s.full = true;
	text = place_line(&f, &s);
	assert_string_equal(text, "f(int)  /home/u/src/a.c:12");
	free(text);
	s = (struct place_style){ .columns = 30 };
	f.function = "a_function_with_a_long_name";
	text = place_line(&f, &s);
	assert_string_equal(text, "a_fu..._name  .../u/src/a.c:12");
	free(text);
	f.file = NULL;
	s.columns = 0;
	text = place_line(&f, &s);
	assert_string_equal(text, "a_function_with_a_long_name  in libx.so");
	free(text);
	f = (struct query_frame){ .addr = 0x12ab };
	text = place_line(&f, &s);
	assert_string_equal(text, "0x12ab  in no module");
	free(text);
}

static void test_amounts(void **state)
{
	(void)state;
	assert_string_equal(amount_bytes(0).text, "0 B");
	assert_string_equal(amount_bytes(10239).text, "10239 B");
	assert_string_equal(amount_bytes(10240).text, "10.0 KiB");
	assert_string_equal(amount_bytes(99 << 10).text, "99.0 KiB");
	assert_string_equal(amount_bytes(100 << 10).text, "100 KiB");
	assert_string_equal(amount_bytes(57 << 20).text, "57.0 MiB");
	assert_string_equal(amount_bytes(UINT64_MAX).text, "16.0 EiB");
	assert_string_equal(amount_count(0).text, "0");
	assert_string_equal(amount_count(999).text, "999");
	assert_string_equal(amount_count(1000).text, "1,000");
	assert_string_equal(amount_count(1234567).text, "1,234,567");
	assert_string_equal(amount_count(UINT64_MAX).text,
			    "18,446,744,073,709,551,615");
	assert_string_equal(amount_share(1, 3).text, "33.3%");
	assert_string_equal(amount_share(1, 0).text, "-");
	assert_string_equal(amount_time(1500000).text, "0.002 s");
	assert_string_equal(amount_time(12340000000).text, "12.34 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),   cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_all),    cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_cut),    cmocka_unit_test(test_names),
		cmocka_unit_test(test_places), cmocka_unit_test(test_amounts),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
