/*
 * Which frames are allocators and wrappers, and which are the user's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/places.h"

static struct places_code code(const char *mangled, const char *file,
			       const char *module)
{
	static struct demangle_text text;
	struct places_code c = { .file = file, .module = module };

	c.function.full = c.function.plain = mangled;
	c.function.language = demangle(mangled, &text);
	if (c.function.language != DEMANGLE_PLAIN) {
		c.function.full = text.full.bytes;
		c.function.plain = text.plain.bytes;
	}
	return c;
}

static bool is_wrapper(const char *mangled, const char *file,
		       const char *module)
{
	struct places_code c = code(mangled, file, module);

	return places_is_wrapper(&c, NULL, 0);
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(places_matches("malloc", "malloc"));
	assert_false(places_matches("malloc", "xmalloc"));
	assert_false(places_matches("malloc", "mallocx"));
	assert_true(places_matches("*", ""));
	assert_true(places_matches("a*c", "abbbc"));
	assert_false(places_matches("a*c", "abbbd"));
	assert_true(places_matches("a?c", "abc"));
	assert_false(places_matches("a?c", "ac"));
	assert_true(places_matches("*/include/c++/*",
				   "/usr/include/c++/12/bits/vector.tcc"));
	assert_true(places_matches("*ab*ab", "abab"));
	assert_false(places_matches("", "a"));
	/* Would take for ever with every star a point of return. */
	assert_false(
		places_matches("*a*a*a*a*a*a*a*a*b",
			       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void test_modules(void **state)
{
	(void)state;
	assert_true(is_wrapper("strdup", NULL, "/lib/x86_64/libc.so.6"));
	assert_true(is_wrapper("f", "/src/f.c", "/lib/libstdc++.so.6.0.30"));
	assert_true(is_wrapper("f", NULL, "/lib64/ld-linux-x86-64.so.2"));
	assert_true(places_is_wrapper_module("/usr/lib/libjemalloc.so.2"));
	assert_false(is_wrapper("f", NULL, "/usr/lib/libcurl.so.4"));
	assert_false(is_wrapper("f", NULL, "/home/u/libc.so.6/prog"));
	assert_false(is_wrapper("f", NULL, NULL));
}

static void test_cxx(void **state)
{
	const char *header = "/usr/include/c++/12/bits/stl_vector.h";
	/* std::vector<int>::push_back(int const&) */
	const char *push = "_ZNSt6vectorIiSaIiEE9push_backERKi";

	(void)state;
	assert_true(is_wrapper(push, header, "/home/u/a"));
	assert_true(is_wrapper(push, NULL, "/home/u/a"));
	assert_true(is_wrapper("_Znwm", NULL, "/home/u/a"));
	assert_true(is_wrapper("_Znam", "new_opv.cc", "/home/u/a"));
	/* std::vector<int> user::make<int>(): only returns something of std */
	assert_false(is_wrapper("_ZN4user4makeIiEESt6vectorIT_SaIS2_EEv", NULL,
				"/home/u/a"));
	/* main::{lambda()#1}::operator()() const, given to an algorithm */
	assert_false(is_wrapper("_ZZ4mainENKUlvE_clEv", "/home/u/a.cpp",
				"/home/u/a"));
	/* std::hash<Foo>::operator()(Foo const&) const, by the user */
	assert_false(is_wrapper("_ZNKSt4hashI3FooEclERKS0_", "/home/u/a.cpp",
				"/home/u/a"));
	/* A C function that happens to be called like a namespace. */
	assert_false(is_wrapper("std", "/home/u/std.c", "/home/u/a"));
}

static void test_rust(void **state)
{
	const char *legacy =
		"_ZN5alloc3vec16Vec$LT$T$C$A$GT$4push17h0123456789abcdefE";
	const char *mine = "_ZN5alloc4pool3get17h0123456789abcdefE";

	(void)state;
	assert_true(is_wrapper(legacy, "/rustc/59807616e/library/alloc/a.rs",
			       "/home/u/r"));
	assert_true(is_wrapper(legacy, NULL, "/home/u/r"));
	assert_true(is_wrapper("__rust_alloc", NULL, "/home/u/r"));
	assert_true(is_wrapper(legacy,
			       "/home/me/.rustup/toolchains/x/lib/rustlib/src/"
			       "rust/library/a.rs",
			       "/home/u/r"));
	/* A crate of the user's that is called alloc, as its file shows. */
	assert_false(
		is_wrapper(mine, "/home/u/src/alloc/pool.rs", "/home/u/r"));
	/* C++ has namespaces of that name too. */
	assert_false(is_wrapper("_ZN5alloc4pool3getEv", NULL, "/home/u/a"));
	assert_false(is_wrapper("_ZN4core4pool3getEv", NULL, "/home/u/a"));
}

static void test_wrappers(void **state)
{
	(void)state;
	assert_true(is_wrapper("xmalloc", "/src/wrap.c", "/usr/bin/git"));
	assert_true(is_wrapper("zmalloc_usable", "/src/zmalloc.c", "/r"));
	assert_true(is_wrapper("g_malloc0_n", NULL, "/lib/libglib-2.0.so.0"));
	assert_false(
		is_wrapper("g_list_append", NULL, "/lib/libglib-2.0.so.0"));
	assert_false(is_wrapper("xmalloc_report", NULL, "/usr/bin/x"));
	assert_false(is_wrapper("main", "/src/main.c", "/home/u/a"));
	assert_false(is_wrapper("free_list_init", NULL, "/home/u/a"));
}

static void test_skip(void **state)
{
	const char *const skip[] = { "pool_*", "shape::area(int)" };
	struct places_code c = code("pool_get", "/a.c", "/a");

	(void)state;
	assert_true(places_is_wrapper(&c, skip, 2));
	c = code("a_pool_get", "/a.c", "/a");
	assert_false(places_is_wrapper(&c, skip, 2));
	c = code("_ZN5shape4areaEi", "/a.c", "/a");
	assert_true(places_is_wrapper(&c, skip, 2));
	c = code("_ZN5shape4areaEd", "/a.c", "/a");
	assert_false(places_is_wrapper(&c, skip, 2));
}

/* What has no name is never a wrapper by name. */
static void test_unknown(void **state)
{
	const char *const skip[] = { "*" };
	struct places_code c = { .module = "/home/u/a" };

	(void)state;
	assert_false(places_is_wrapper(&c, skip, 1));
	c.module = "/lib/libc.so.6";
	assert_true(places_is_wrapper(&c, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns), cmocka_unit_test(test_modules),
		cmocka_unit_test(test_cxx),	 cmocka_unit_test(test_rust),
		cmocka_unit_test(test_wrappers), cmocka_unit_test(test_skip),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
