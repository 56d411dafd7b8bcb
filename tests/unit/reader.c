/*
 * reader - a trace that is cut or damaged says so, and keeps what is whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "fake_program.h"
#include "trace/format.h"

enum {
	STEPS = 120000,
	FLIPS = 300,
};

/* A file with many blocks of each kind, and what it adds up to. */
struct recording {
	struct session session;
	struct fake *fake;
	uint8_t *bytes;
	size_t size;
};

static void record(struct recording *r)
{
	struct stat st;

	r->fake = fake_create(&r->session, stamp_now(), 1);
	start_threads(r->fake,
		      fake_process(r->fake->ring, SESSION_PID, RING_ORIGIN_RUN,
				   0, stamp_now()),
		      0, 3);
	for (uint32_t i = 0; i < STEPS; i++) {
		step(r->fake, 3);
		if (!(i % 1000)) {
			session_poll(&r->session);
			usleep(1000);
		}
	}
	session_finish(&r->session);
	assert_int_equal(fstat(r->session.fd, &st), 0);
	r->size = (size_t)st.st_size;
	r->bytes = malloc(r->size);
	assert_int_equal(pread(r->session.fd, r->bytes, r->size, 0), r->size);
}

static void release(struct recording *r)
{
	session_end(&r->session);
	fake_destroy(r->fake);
	free(r->bytes);
}

static void rewrite(const struct recording *r, size_t size)
{
	int fd = r->session.fd;

	assert_int_equal(pwrite(fd, r->bytes, size, 0), size);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
}

/* Where the block behind the one at `offset` begins. */
static size_t next_block(const struct recording *r, size_t offset)
{
	struct format_block head;

	memcpy(&head, r->bytes + offset, sizeof(head));
	assert_int_equal(head.magic, FORMAT_BLOCK_MAGIC);
	return offset + sizeof(head) + head.stored;
}

static enum format_block_type block_type(const struct recording *r,
					 size_t offset)
{
	struct format_block head;

	memcpy(&head, r->bytes + offset, sizeof(head));
	return head.type;
}

/* Walks all events; the last word of trace_events_next(). */
static int walk(const struct trace *t, uint64_t *count)
{
	struct trace_events *e = trace_events_open(t);
	struct model_event event;
	struct err err = { .text = "" };
	int got;

	*count = 0;
	while ((got = trace_events_next(e, &event, &err)) > 0)
		++*count;
	if (got < 0)
		assert_true(strlen(err.text) > 0);
	trace_events_close(e);
	return got;
}

/* The first block that is cut off is where the totals of events end. */
static void check_cut(struct recording *r, size_t size)
{
	struct trace *t;
	struct err err;

	rewrite(r, size);
	t = trace_open(r->session.path, &err);
	if (!t) {
		assert_true(size < next_block(r, sizeof(struct format_start)));
		assert_non_null(strstr(err.text, r->session.path));
		return;
	}
	assert_non_null(trace_problem(t));
	assert_non_null(strstr(trace_problem(t), "cut after"));
	assert_false(trace_quality(t)->finished);
	check_events(t, trace_run(t)->events);
	trace_close(t);
}

static void test_cut(void **state)
{
	struct recording r;
	size_t blocks = 0;

	(void)state;
	record(&r);
	for (size_t at = sizeof(struct format_start); at < r.size;
	     at = next_block(&r, at)) {
		check_cut(&r, at);
		check_cut(&r, at + 1);
		check_cut(&r, at + sizeof(struct format_block));
		check_cut(&r, next_block(&r, at) - 1);
		blocks++;
	}
	assert_true(blocks > 100);
	check_cut(&r, 0);
	check_cut(&r, 7);
	release(&r);
}

/* Without its last checkpoint, the events add up to the same. */
static void test_replay(void **state)
{
	struct recording r;
	size_t last = 0, checkpoints = 0;
	struct trace *t;

	(void)state;
	record(&r);
	for (size_t at = sizeof(struct format_start); at < r.size;
	     at = next_block(&r, at)) {
		if (block_type(&r, at) != FORMAT_CHECKPOINT)
			continue;
		last = at;
		checkpoints++;
	}
	assert_true(checkpoints > 1);
	rewrite(&r, last);
	t = session_open(&r.session);
	assert_int_equal(trace_run(t)->events, r.fake->events);
	compare(r.fake, t);
	trace_close(t);
	release(&r);
}

/* One bit, and the file is put right again. */
static struct trace *open_flipped(struct recording *r, size_t at, uint8_t bit)
{
	struct trace *t;
	struct err err = { .text = "" };

	r->bytes[at] ^= bit;
	rewrite(r, r->size);
	r->bytes[at] ^= bit;
	t = trace_open(r->session.path, &err);
	if (!t)
		assert_true(strlen(err.text) > 0);
	return t;
}

static void test_flips(void **state)
{
	struct recording r;
	size_t opened = 0, final = 0;

	(void)state;
	record(&r);
	for (size_t i = 0; i < FLIPS; i++) {
		struct trace *t =
			open_flipped(&r, random_below((uint32_t)r.size),
				     (uint8_t)(1 << random_below(8)));
		uint64_t count;

		if (!t)
			continue;
		opened++;
		assert_non_null(trace_problem(t));
		final += !!strstr(trace_problem(t), "its totals can");
		walk(t, &count);
		trace_close(t);
	}
	assert_true(opened > FLIPS * 9 / 10);
	assert_true(final > FLIPS / 2);
	release(&r);
}

/* A damaged block of events takes no other with it, nor the totals. */
static void test_damaged_events(void **state)
{
	struct recording r;
	size_t at = sizeof(struct format_start), seen = 0;
	struct trace *t;
	uint64_t count;

	(void)state;
	record(&r);
	while (block_type(&r, at) != FORMAT_EVENTS || seen++ < 5)
		at = next_block(&r, at);
	t = open_flipped(&r, at + sizeof(struct format_block) + 3, 4);
	assert_non_null(t);
	assert_string_equal(
		trace_problem(t),
		"damaged: some of it can not be read; its totals can");
	compare(r.fake, t);
	assert_int_equal(trace_run(t)->events, r.fake->events);
	assert_int_equal(walk(t, &count), -1);
	assert_true(count > 0);
	trace_close(t);
	release(&r);
}

static void check_refused(const struct recording *r, const char *why)
{
	struct err err;

	assert_null(trace_open(r->session.path, &err));
	assert_non_null(strstr(err.text, why));
	assert_non_null(strstr(err.text, r->session.path));
}

static void test_foreign(void **state)
{
	struct recording r;
	struct format_start start;
	struct err err;

	(void)state;
	record(&r);
	memcpy(&start, r.bytes, sizeof(start));
	start.version = 7;
	start.version_check = ~(uint32_t)7;
	memcpy(r.bytes, &start, sizeof(start));
	rewrite(&r, r.size);
	check_refused(&r, "newer memprof (format 7, this one reads up to 1)");
	r.bytes[1] = 'X';
	rewrite(&r, r.size);
	check_refused(&r, "is not a memprof trace");
	rewrite(&r, 0);
	check_refused(&r, "is not a memprof trace");
	assert_null(trace_open("/", &err));
	assert_null(trace_open("/nonexistent", &err));
	assert_string_equal(
		err.text,
		"cannot open '/nonexistent': No such file or directory");
	release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_damaged_events),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
