/*
 * Names of C++, Rust and D, and names that are made to be trouble.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/demangle.h"

static struct demangle_text text;

static void demangles(const char *mangled, enum demangle_language language,
		      const char *full, const char *plain)
{
	assert_int_equal(demangle(mangled, &text), language);
	assert_string_equal(text.full.bytes, full);
	assert_string_equal(text.plain.bytes, plain);
}

static void test_cxx(void **state)
{
	(void)state;
	demangles("_ZN5shape4areaEi", DEMANGLE_CXX, "shape::area(int)",
		  "shape::area");
	/* The type that a template returns is no part of its name. */
	demangles("_ZN4user4makeIiEESt6vectorIT_SaIS2_EEv", DEMANGLE_CXX,
		  "user::make<int>()", "user::make<int>");
	demangles("_ZZ4mainENKUlvE_clEv", DEMANGLE_CXX,
		  "main::{lambda()#1}::operator()() const",
		  "main::{lambda()#1}::operator()");
	demangles("_Znwm", DEMANGLE_CXX, "operator new(unsigned long)",
		  "operator new");
}

static void test_rust(void **state)
{
	(void)state;
	demangles("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE",
		  DEMANGLE_RUST, "core::fmt::Formatter::pad",
		  "core::fmt::Formatter::pad");
	demangles("_RNvCs1234_7mycrate3foo", DEMANGLE_RUST, "mycrate::foo",
		  "mycrate::foo");
}

static void test_d(void **state)
{
	(void)state;
	demangles("_D4test3fooFiZv", DEMANGLE_D, "test.foo(int)", "test.foo");
}

static void test_plain(void **state)
{
	(void)state;
	assert_int_equal(demangle("main", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_Z", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_start", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_ZN5shape", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_R", &text), DEMANGLE_PLAIN);
	assert_int_equal(demangle("_Dmain", &text), DEMANGLE_D);
}

/* Every argument holds the one before twice: 2^30 of them in a few bytes. */
static void test_explosive(void **state)
{
	char mangled[4096] = "_Z1fSt4pairIiiE";

	(void)state;
	for (int i = 0; i < 30; i++) {
		char part[64];
		const char *digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

		snprintf(part, sizeof(part), "S_IS%c_S%c_E", digits[i],
			 digits[i]);
		strcat(mangled, part);
	}
	assert_int_equal(demangle(mangled, &text), DEMANGLE_CXX);
	assert_int_equal(text.full.length, DEMANGLE_MAX - 1);
	assert_int_equal(strlen(text.full.bytes), DEMANGLE_MAX - 1);
}

/* The same in Rust's manner, and in D's, which is refused. */
static void test_explosive_references(void **state)
{
	char mangled[4096] = "_RINvC1a1f";
	char part[32];
	size_t last = strlen(mangled) - 2;

	(void)state;
	for (int i = 0; i < 40; i++) {
		size_t at = strlen(mangled) - 2;
		const char *digits = "0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

		/* A tuple of the last tuple, twice, by position in base 62. */
		snprintf(part, sizeof(part), i ? "TB%c%c_B%c%c_E" : "ThhE",
			 digits[(last - 1) / 62], digits[(last - 1) % 62],
			 digits[(last - 1) / 62], digits[(last - 1) % 62]);
		strcat(mangled, part);
		last = at;
	}
	strcat(mangled, "E");
	assert_int_equal(demangle(mangled, &text), DEMANGLE_RUST);
	assert_int_equal(text.full.length, DEMANGLE_MAX - 1);

	strcpy(mangled, "_D1a1fF");
	strcat(mangled, "S1b1c");
	for (int i = 0; i < 40; i++)
		strcat(mangled, "HQeQg");
	strcat(mangled, "Zv");
	assert_int_equal(demangle(mangled, &text), DEMANGLE_PLAIN);
}

static void test_noise(void **state)
{
	static const char *const starts[] = { "_ZN", "_Z1f", "_R", "_D",
					      "_ZZ" };
	static const char letters[] = "0123456789_SIEKNRPTZLcidvhABDFMOQXCUt$";
	char mangled[128];

	(void)state;
	srand(3);
	for (int i = 0; i < 20000; i++) {
		size_t length;

		strcpy(mangled, starts[i % 5]);
		length = strlen(mangled);
		for (int n = rand() % 60; n > 0; n--)
			mangled[length++] =
				letters[(size_t)rand() % (sizeof(letters) - 1)];
		mangled[length] = '\0';
		demangle(mangled, &text);
	}
}

static void test_long(void **state)
{
	size_t size = 1 << 20;
	char *mangled = malloc(size);

	(void)state;
	memset(mangled, 'P', size);
	memcpy(mangled, "_Z1f", 4);
	mangled[size - 1] = '\0';
	assert_int_equal(demangle(mangled, &text), DEMANGLE_PLAIN);
	free(mangled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cxx),
		cmocka_unit_test(test_rust),
		cmocka_unit_test(test_d),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_explosive),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_explosive_references),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
