/*
 * Qualified names of Python's functions, from their source.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/qualify.h"

static const char text[] = "class A(Base,\n" /* 1 */
			   "        Other):\n"
			   "    key = lambda x: x\n"
			   "\n"
			   "    @decorated(\n" /* 5 */
			   "        1)\n"
			   "    def m(self):\n"
			   "        \"\"\"Text that\n"
			   "goes on here.\"\"\"\n"
			   "        if self:\n" /* 10 */
			   "            async def inner():\n"
			   "                return [x for x\n"
			   "                        in y]\n"
			   "        # def no():\n"
			   "        return inner\n" /* 15 */
			   "\n"
			   "\n"
			   "def top(a): return 1\n"
			   "table = [\n"
			   "    lambda: 2]\n" /* 20 */
			   "if top:\n"
			   "\tclass B:\n"
			   "\t\tdef m2 (self): pass\n"
			   "\tclass_b = B\n"
			   "\tdef caf\303\251(): pass\n"; /* 25 */

static char path[] = "/tmp/qualify.XXXXXX";

static void check_in(uint64_t run_start, uint32_t line, const char *name,
		     const char *expected)
{
	const struct model_code c = { .name = name, .first_line = line };
	struct arena arena;
	struct sources *s;
	char *found;

	arena_init(&arena);
	s = sources_open(&(struct sources_options){ .arena = &arena,
						    .run_start = run_start });
	found = qualify(s, path, &c);
	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
	free(found);
	sources_close(s);
	arena_release(&arena);
}

static void check(uint32_t line, const char *name, const char *expected)
{
	check_in(0, line, name, expected);
}

static void names_have_what_is_around_them(void **state)
{
	(void)state;
	check(1, "A", "A");
	check(3, "<lambda>", "A.<lambda>");
	check(5, "m", "A.m");
	check(11, "inner", "A.m.<locals>.inner");
	check(12, "<listcomp>", "A.m.<locals>.inner.<locals>.<listcomp>");
	check(18, "top", "top");
	check(20, "<lambda>", "<lambda>");
	check(22, "B", "B");
	check(23, "m2", "B.m2");
	check(25, "caf\303\251", "caf\303\251");
}

static void what_is_not_sure_has_none(void **state)
{
	(void)state;
	check(1, "<module>", NULL);
	check(7, "other", NULL);
	check(18, "to", NULL);
	check(18, "topp", NULL);
	check(6, "m", NULL);
	check(1000, "m", NULL);
	check(0, "m", NULL);
	check(24, "class_b", NULL);
	/* The run began before the text was written. */
	check_in(1000000000, 18, "top", NULL);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);
	bool failed = fd < 0 || write(fd, text, sizeof(text) - 1) !=
					(ssize_t)sizeof(text) - 1;

	(void)state;
	close(fd);
	return failed;
}

static int drop_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_what_is_around_them),
		cmocka_unit_test(what_is_not_sure_has_none),
	};

	return cmocka_run_group_tests(tests, make_file, drop_file);
}
