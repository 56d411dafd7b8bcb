/*
 * Lines of files on the disk, however they end, and what is no source file.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/sources.h"

struct fixture {
	struct arena arena;
	struct sources *sources;
	char dir[32], path[64];
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/memprof-unit-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/a.c", f->dir);
	arena_init(&f->arena);
	f->sources =
		sources_open(&(struct sources_options){ .arena = &f->arena });
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	sources_close(f->sources);
	arena_release(&f->arena);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void write_file(const struct fixture *f, const char *text)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void set_time(const char *path, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds },
					   { .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void lines(void **state)
{
	struct fixture *f = *state;
	struct sources *s = f->sources;

	write_file(f, "one\n\n\tthree\r\nfour");
	assert_string_equal(sources_line(s, f->path, 1), "one");
	assert_string_equal(sources_line(s, f->path, 2), "");
	assert_string_equal(sources_line(s, f->path, 3), "\tthree");
	assert_string_equal(sources_line(s, f->path, 4), "four");
	assert_null(sources_line(s, f->path, 5));
	assert_null(sources_line(s, f->path, 0));
	assert_null(sources_line(s, f->path, UINT32_MAX));
}

static void nothing(void **state)
{
	struct fixture *f = *state;
	struct sources *s = f->sources;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_null(sources_line(s, f->path, 1));
	assert_null(sources_line(s, f->dir, 1));
	assert_null(sources_line(s, "/nowhere/a.c", 1));
	assert_null(sources_line(s, "a.c", 1));
	assert_null(sources_line(s, NULL, 1));
	assert_null(sources_note(s, NULL, f->dir));
}

static void empty_file(void **state)
{
	struct fixture *f = *state;

	write_file(f, "");
	assert_null(sources_line(f->sources, f->path, 1));
}

static void notes(void **state)
{
	struct fixture *f = *state;
	struct sources *s = f->sources;
	const char *note;

	write_file(f, "one\n");
	set_time(f->path, 2000);
	set_time(f->dir, 1000);
	note = sources_note(s, f->path, f->dir);
	assert_non_null(note);
	assert_non_null(strstr(note, "newer"));
	set_time(f->dir, 3000);
	assert_null(sources_note(s, f->path, f->dir));
	assert_null(sources_note(s, f->path, NULL));
	assert_null(sources_note(s, f->path, "/nowhere/a.out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines, begin, end),
		cmocka_unit_test_setup_teardown(nothing, begin, end),
		cmocka_unit_test_setup_teardown(empty_file, begin, end),
		cmocka_unit_test_setup_teardown(notes, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
