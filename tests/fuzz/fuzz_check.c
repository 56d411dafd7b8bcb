/*
 * fuzz_check - any text at all, taken for what a gate is told: limits, a
 * baseline, and leaks that are known, which are then looked for in a stack.
 */
#include "tests/fuzz/file.h"

#include <string.h>

#include "analyzer/suppressions.h"
#include "cli/check/check_baseline.h"
#include "cli/check/check_file.h"

enum {
	DEPTH = 64,
	TODAY = 20260101,
};

static void check_error(int ret, const struct err *err)
{
	if (ret < 0 && (!*err->text || strchr(err->text, '\n')))
		abort();
}

static void read_limits(const char *path)
{
	struct check_rules rules;
	struct err err = { "" };
	int ret;

	check_rules_init(&rules);
	ret = check_file_read(&rules, path, &err);
	if (!ret)
		ret = check_rules_finish(&rules, &err);
	check_error(ret, &err);
	check_rules_release(&rules);
}

static void read_baseline(const char *path)
{
	struct check_baseline b = { 0 };
	struct err err = { "" };
	int ret = check_baseline_read(&b, path, &err);

	check_error(ret, &err);
	for (size_t i = 0; !ret && i < b.count; i++)
		if (!check_baseline_find(&b, &b.rows[i]))
			abort();
	check_baseline_release(&b);
}

/* Deep, and of few names, so that patterns have much to try. */
static void read_known(const char *text, size_t size)
{
	static const char *const names[] = { "a", "malloc", "first", "aaab" };
	struct query_frame frames[DEPTH];
	struct suppressions s = { 0 };
	struct err err = { "" };
	const struct suppressions_source source = { .text = text,
						    .size = size,
						    .file = "file" };
	int ret = suppressions_read(&s, &source, TODAY, &err);

	check_error(ret, &err);
	for (size_t i = 0; i < DEPTH; i++)
		frames[i] = (struct query_frame){
			.function = i % 5 ? names[i % 4] : NULL,
			.file = "/src/aaaaaaaaaaaaaaaaaaaaaaaaaaaa.c",
			.module = "/lib/aaaaaaaaaaaaaaaaaaaaaaaaaaaa.so",
			.line = 1,
		};
	suppressions_find(&s, frames, DEPTH);
	suppressions_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FILE_PATH];
	int fd = file_make(data, size, path);
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	read_limits(path);
	read_baseline(path);
	read_known(text, size);
	free(text);
	close(fd);
	return 0;
}
