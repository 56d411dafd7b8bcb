/*
 * blocks - what is written can be read, however large; and what could not be is
 * not written.
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

#include "trace/blocks.h"
#include "trace/cursor.h"
#include "trace/format.h"
#include "trace/writer.h"

enum {
	LARGE = FORMAT_BLOCK_MAX + (1 << 20),
};

/* A column that does not compress to nothing. */
static struct column make(size_t size)
{
	struct column c = { 0 };
	uint64_t value = 1;

	while (c.size < size) {
		value = value * 6364136223846793005ULL + 1442695040888963407ULL;
		column_put_bytes(&c, &value, sizeof(value));
	}
	return c;
}

static void test_large(void **state)
{
	static const enum format_block_type types[] = { FORMAT_CHECKPOINT,
							FORMAT_EVENTS };
	char path[] = "/tmp/blocks-XXXXXX";
	struct blocks_loader loader = { 0 };
	struct column c = make(LARGE);
	struct cursor r;
	struct blocks b;
	struct writer w;
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(writer_open(&w, fd, &err), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(writer_block(&w, types[i], &c, 1, &err), 0);
	writer_close(&w);
	assert_int_equal(blocks_open(&b, path, &err), 0);
	assert_false(b.damaged || b.cut);
	assert_int_equal(b.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *payload = blocks_load(&b, i, &loader);

		assert_non_null(payload);
		assert_int_equal(b.list[i].head.type, types[i]);
		assert_true(cursors_open(&r, 1, payload, b.list[i].head.raw));
		assert_int_equal(cursor_left(&r), c.size);
		assert_memory_equal(r.at, c.bytes, c.size);
	}
	blocks_loader_release(&loader);
	blocks_close(&b);
	column_release(&c);
	unlink(path);
	close(fd);
}

static void test_too_large(void **state)
{
	char path[] = "/tmp/blocks-XXXXXX";
	struct column c = make(LARGE);
	struct blocks b;
	struct writer w;
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(writer_open(&w, fd, &err), 0);
	assert_int_equal(writer_block(&w, FORMAT_NODES, &c, 1, &err), -1);
	assert_non_null(strstr(err.text, "more than a reader takes"));
	writer_close(&w);
	assert_int_equal(blocks_open(&b, path, &err), 0);
	assert_int_equal(b.count, 0);
	blocks_close(&b);
	column_release(&c);
	unlink(path);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
