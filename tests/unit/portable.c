/*
 * Names and source text go into a file and come out of it; what is for other
 * frames does not.
 *
 * trace/reader.h is implemented here, over a file that has only our blocks.
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
#include "trace/excerpts.h"
#include "trace/portable_writer.h"

enum {
	FRAMES = 200000,
	MODULES = 3,
};

struct trace {
	struct model_frame frames[FRAMES];
	struct blocks blocks;
	struct writer writer;
	char path[32];
};

static const struct model_module modules[MODULES];

const struct model_frame *trace_frames(const struct trace *t, size_t *n)
{
	*n = FRAMES;
	return t->frames;
}

const struct model_module *trace_modules(const struct trace *t, size_t *n)
{
	(void)t;
	*n = MODULES;
	return modules;
}

const struct blocks *trace_blocks(const struct trace *t)
{
	return &t->blocks;
}

/* Frames of all kinds, in an order that is not that of their addresses. */
static struct trace *begin(void)
{
	struct trace *t = calloc(1, sizeof(*t));
	struct err err;
	int fd;

	strcpy(t->path, "/tmp/memprof-unit-XXXXXX");
	fd = mkstemp(t->path);
	assert_true(fd >= 0);
	assert_int_equal(writer_open(&t->writer, fd, &err), 0);
	for (uint32_t i = 0; i < FRAMES; i++)
		t->frames[i] = (struct model_frame){
			.kind = i % 5 == 4 ? MODEL_FRAME_THREAD
					   : MODEL_FRAME_CODE,
			.module = i % MODULES,
			.addr = i * 7919 % FRAMES,
		};
	return t;
}

static void end(struct trace *t)
{
	struct err err;

	assert_int_equal(writer_finish(&t->writer, &err), 0);
	close(t->writer.fd);
	writer_close(&t->writer);
	blocks_open(&t->blocks, t->path, &err);
}

static void release(struct trace *t)
{
	blocks_close(&t->blocks);
	unlink(t->path);
	free(t);
}

static char names[FRAMES][64], files[16][16];

/* What frame `i` is called: nothing, or a chain of up to 3 calls. */
static size_t calls_of(uint32_t i, struct portable_call *calls)
{
	size_t count = i % 4;

	for (size_t k = 0; k < count; k++)
		calls[k] = (struct portable_call){
			.function = i % 7 ? names[(i + k) % FRAMES] : NULL,
			.file = i % 6 ? files[(i + k) % 16] : NULL,
			.line = i % 6 ? i * 31 + (uint32_t)k : 0,
		};
	return count;
}

static void make_names(void)
{
	for (int i = 0; i < FRAMES; i++)
		sprintf(names[i], "_ZN5shape4area%dEv%0*d", i % 100, i % 40, i);
	for (int i = 0; i < 16; i++)
		sprintf(files[i], "/src/%d.c", i);
}

static void put_all(struct trace *t)
{
	struct portable_writer *w = portable_writer_create(t, PORTABLE_ASKED);
	const uint8_t states[MODULES] = { PORTABLE_LINES, PORTABLE_MISSING,
					  PORTABLE_LATE };
	struct portable_call calls[3];
	struct err err;
	uint32_t frame;

	while (portable_writer_next(w, &frame)) {
		size_t count = calls_of(frame, calls);

		assert_int_equal(
			portable_writer_put(w, &t->writer, calls, count, &err),
			0);
	}
	assert_int_equal(
		portable_writer_finish(w, &t->writer, states, MODULES, &err),
		0);
	portable_writer_destroy(w);
}

static void assert_same(const char *a, const char *b)
{
	if (a)
		assert_string_equal(a, b);
	else
		assert_null(b);
}

static void there_and_back(void **state)
{
	struct trace *t = begin();
	struct portable_call calls[3];
	const struct portable_call *got;
	struct portable *p;

	(void)state;
	put_all(t);
	end(t);
	assert_true(t->blocks.count > 1);
	p = portable_open(t);
	assert_non_null(p);
	for (uint32_t i = 0; i < FRAMES; i++) {
		size_t count = calls_of(i, calls);

		if (t->frames[i].kind != MODEL_FRAME_CODE)
			count = 0;
		assert_int_equal(portable_calls(p, i, &got), count);
		for (size_t k = 0; k < count; k++) {
			assert_same(calls[k].function, got[k].function);
			assert_same(calls[k].file, got[k].file);
			assert_int_equal(calls[k].line, got[k].line);
		}
	}
	assert_int_equal(portable_state(p, 0), PORTABLE_LINES);
	assert_int_equal(portable_state(p, 2), PORTABLE_LATE);
	assert_int_equal(portable_state(p, MODULES), PORTABLE_UNUSED);
	assert_int_equal(portable_flags(p), PORTABLE_ASKED);
	assert_int_equal(portable_calls(p, FRAMES, &got), 0);
	portable_close(p);
	release(t);
}

/* A table of frames with a hole has other frames under the same numbers. */
static void other_frames(void **state)
{
	struct trace *t = begin();
	const struct portable_call *got;
	struct portable *p;
	size_t named = 0;

	(void)state;
	put_all(t);
	end(t);
	t->frames[10].addr = 1 << 20;
	p = portable_open(t);
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct portable_call calls[3];
		size_t count = portable_calls(p, i, &got);

		named += count > 0;
		if (count) {
			assert_int_equal(calls_of(i, calls), count);
			assert_int_equal(calls[0].line, got[0].line);
		}
	}
	assert_int_equal(portable_calls(p, 10, &got), 0);
	assert_true(named < FRAMES / 2);
	portable_close(p);
	release(t);
}

static void text(void **state)
{
	struct column c[EXCERPTS_COLUMNS] = { 0 };
	struct trace *t = begin();
	struct excerpts *e;
	struct err err;
	uint32_t flags;

	(void)state;
	excerpts_put_file(c, "/a.c", EXCERPTS_NEWER, 2);
	excerpts_put_range(c, 2, 2);
	excerpts_put_line(c, "three");
	excerpts_put_line(c, "");
	excerpts_put_range(c, 5, 1);
	excerpts_put_line(c, "ten");
	excerpts_put_file(c, "/b.c", 0, 0);
	assert_int_equal(writer_block(&t->writer, FORMAT_SOURCES, c,
				      EXCERPTS_COLUMNS, &err),
			 0);
	columns_release(c, EXCERPTS_COLUMNS);
	end(t);
	e = excerpts_open(t);
	assert_string_equal(excerpts_line(e, "/a.c", 3), "three");
	assert_string_equal(excerpts_line(e, "/a.c", 4), "");
	assert_string_equal(excerpts_line(e, "/a.c", 10), "ten");
	assert_null(excerpts_line(e, "/a.c", 2));
	assert_null(excerpts_line(e, "/a.c", 5));
	assert_null(excerpts_line(e, "/a.c", 11));
	assert_null(excerpts_line(e, "/b.c", 1));
	assert_true(excerpts_has(e, "/a.c", &flags));
	assert_int_equal(flags, EXCERPTS_NEWER);
	assert_true(excerpts_has(e, "/b.c", &flags));
	assert_int_equal(flags, 0);
	assert_false(excerpts_has(e, "/c.c", NULL));
	excerpts_close(e);
	release(t);
}

static void nothing(void **state)
{
	struct trace *t = begin();

	(void)state;
	end(t);
	assert_null(portable_open(t));
	assert_null(excerpts_open(t));
	assert_false(excerpts_has(NULL, "/a.c", NULL));
	assert_null(excerpts_line(NULL, "/a.c", 1));
	release(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(other_frames),
		cmocka_unit_test(text),
		cmocka_unit_test(nothing),
	};

	make_names();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
