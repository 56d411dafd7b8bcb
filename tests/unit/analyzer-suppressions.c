/* What suppressions hide, in both forms, and what is no suppression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/suppressions.h"

enum {
	TODAY = 20270131,
};

static const struct query_frame stack[] = {
	{ .function = "strdup", .module = "/usr/lib/libc.so.6" },
	{ .function = "ui::font::load(char const*, int)",
	  .file = "/src/ui/font.cpp",
	  .line = 12,
	  .module = "/opt/lib/libui.so.3",
	  .inlined = true },
	{ .function = "ui::open()",
	  .file = "/src/ui/open.cpp",
	  .line = 40,
	  .module = "/opt/lib/libui.so.3" },
	{ .module = "/opt/bin/app", .addr = 0x123 },
	{ .function = "main",
	  .file = "/src/main.c",
	  .line = 7,
	  .module = "/opt/bin/app" },
};

static int read_text(struct suppressions *s, const char *text, struct err *err)
{
	return suppressions_read(
		s,
		&(struct suppressions_source){
			.text = text, .size = strlen(text), .file = "a.supp" },
		TODAY, err);
}

static struct suppressions read_good(const char *text)
{
	struct suppressions s = { .items = NULL };
	struct err err;

	if (read_text(&s, text, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

static bool hides(const char *text)
{
	struct suppressions s = read_good(text);
	bool found = suppressions_find(&s, stack,
				       sizeof(stack) / sizeof(*stack)) != NULL;

	suppressions_release(&s);
	return found;
}

static void texts(void **state)
{
	(void)state;
	assert_true(hides("leak:font::load"));
	assert_true(hides("  leak:libui.so  \r\n"));
	assert_true(hides("leak:font.cpp"));
	assert_true(hides("leak:^main$"));
	assert_true(hides("leak:ui::*load"));
	assert_false(hides("leak:^ain$"));
	assert_false(hides("leak:^font"));
	assert_false(hides("leak:font$"));
	assert_false(hides("# leak:main"));
	assert_false(hides(""));
}

#define BLOCK(kind, frames) "{\n name\n " kind "\n " frames "\n}\n"

static void blocks(void **state)
{
	(void)state;
	assert_true(hides(BLOCK("Memcheck:Leak", "fun:strdup")));
	assert_true(hides(BLOCK("Memcheck:Leak", "fun:malloc\nfun:strdup")));
	assert_true(hides(BLOCK("Memcheck:Leak", "fun:*alloc\nfun:str*")));
	assert_true(hides(BLOCK("Memcheck:Leak", "obj:*/libc.so*\nfun:*load")));
	/* Written where nothing was told of what is inlined. */
	assert_true(hides(BLOCK("Memcheck:Leak", "fun:strdup\nfun:ui::open")));
	assert_true(
		hides(BLOCK("Memcheck:Leak", "fun:strdup\nfun:_ZN2ui4openEv")));
	assert_true(hides(BLOCK("Memcheck:Leak", "...\nfun:main")));
	assert_true(hides(BLOCK("Memcheck:Leak", "...\nsrc:main.c:7\n...")));
	assert_true(hides(BLOCK("Memcheck:Leak", "...\nobj:*\nfun:main")));
	assert_true(hides(BLOCK("Addrcheck,Memcheck:Leak",
				"match-leak-kinds: indirect\n...\nfun:main")));

	assert_false(hides(BLOCK("Memcheck:Leak", "fun:main")));
	assert_false(hides(BLOCK("Memcheck:Leak", "fun:strdup\nfun:main")));
	assert_false(hides(BLOCK("Memcheck:Leak", "...\nsrc:main.c:8")));
	assert_false(hides(BLOCK("Memcheck:Leak", "...\nfun:main\nfun:start")));
	assert_false(hides(
		BLOCK("Memcheck:Leak", "match-leak-kinds: reachable\n...")));
	assert_false(hides(BLOCK("Memcheck:Cond", "...\nfun:main")));
	assert_false(hides(BLOCK("Helgrind:Race", "...")));
}

/* As in the files of a browser, an interpreter and a media library. */
static void files(void **state)
{
	static const char text[] =
		"# Fonts. expires: 2027-01-31\n"
		"leak:libfontconfig\n"
		"leak:libpango*\n"
		"\n"
		"leak:^PyInit_\n"
		"#\n"
		"# ADDRESS_IN_RANGE/Invalid read of size 4\n"
		"#\n"
		"{\n"
		"   ADDRESS_IN_RANGE/Invalid read of size 4\n"
		"   Memcheck:Addr4\n"
		"   fun:address_in_range\n"
		"}\n"
		"{\n"
		"   Two problems in write\n"
		"   Memcheck:Param\n"
		"   write(buf)\n"
		"   ...\n"
		"   fun:main\n"
		"}\n"
		"\n"
		"## reason: a table; expires: 2027-01-30\n"
		"{\n"
		"   <insert_a_suppression_name_here>\n"
		"   # kept\n"
		"   Memcheck:Leak\n"
		"   match-leak-kinds: possible,definite\n"
		"   fun:calloc\n"
		"\n"
		"   fun:g_malloc0\n"
		"   ...\n"
		"   obj:*/libgobject-2.0.so*\n"
		"}";
	struct suppressions s = read_good(text);

	(void)state;
	assert_int_equal(s.count, 6);
	assert_string_equal(s.items[0].name, "libfontconfig");
	assert_string_equal(s.items[0].reason, "Fonts.");
	assert_int_equal(s.items[0].expires, 20270131);
	assert_false(s.items[0].is_expired);
	assert_string_equal(s.items[1].reason, "Fonts.");
	assert_null(s.items[2].reason);
	assert_int_equal(s.items[2].line, 5);
	assert_false(s.items[3].is_leak);
	assert_false(s.items[4].is_leak);
	assert_true(s.items[5].is_leak);
	assert_true(s.items[5].is_expired);
	assert_string_equal(s.items[5].reason, "a table");
	suppressions_release(&s);
}

static void refused(const char *text, const char *why)
{
	struct suppressions s = { .items = NULL };
	struct err err;

	assert_int_equal(read_text(&s, text, &err), -1);
	assert_string_equal(err.text, why);
	suppressions_release(&s);
}

static void mistakes(void **state)
{
	(void)state;
	refused("\nrace:x", "a.supp:2: 'race:x' is neither leak:TEXT nor the { "
			    "of a block");
	refused("leak:", "a.supp:1: nothing follows 'leak:'");
	refused("{\n}", "a.supp:2: the block has no name");
	refused("{\n a\n}", "a.supp:3: no kind such as Memcheck:Leak follows "
			    "the name");
	refused("{\n a\n Memcheck:Leak\n}", "a.supp:4: it has no frames");
	refused("{\n a\n Memcheck:Leak\n fun:a\n",
		"a.supp:4: the last block has no end");
	refused("{\n a\n Memcheck:Leak\n main\n}",
		"a.supp:4: 'main' is none of fun:, obj:, src: and ...");
	refused("# expires: soon\n", "a.supp:1: no date such as 2027-01-31 "
				     "follows 'expires:'");
	refused("# expires: 2027-13-01\n",
		"a.supp:1: no date such as 2027-01-31 follows 'expires:'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(blocks),
		cmocka_unit_test(files),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
