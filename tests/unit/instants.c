/*
 * instants - what is said of any moment is what a slow replay of all events up
 * to there gives, however the moment was reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_program.h"
#include "trace/instant.h"
#include "trace/range.h"
#include "trace/stamp.h"
#include "trace/trace.h"

enum {
	STEPS = 150000,
	MOMENTS = 10,
};

/* The slow way: every event since the start, and nothing clever. */
struct slow {
	struct model_stats *stats;
	bool *dead;
	uint64_t bytes[MODEL_KINDS], peak[MODEL_KINDS];
	uint64_t peak_event[MODEL_KINDS]; /* events up to it */
	uint64_t blocks; /* of the heap, begun */
	uint64_t time; /* of the last event */
	size_t count;
};

static uint32_t process_of(const struct trace *t, uint32_t site)
{
	size_t n;
	const struct model_node *nodes = trace_nodes(t, &n);
	uint32_t node = trace_sites(t, &n)[site].node;

	while (nodes[node].parent)
		node = nodes[node].parent;
	return trace_threads(t, &n)[trace_frames(t, &n)[nodes[node].frame].addr]
		.process;
}

static void slow_begin(struct slow *s, const struct trace *t,
		       const struct model_event *e, uint64_t event)
{
	size_t n;
	enum model_kind kind = trace_sites(t, &n)[e->site].kind;
	struct model_stats *stats = &s->stats[e->site];

	if (e->kind == MODEL_EVENT_REALLOC)
		stats->moved_in++;
	else
		stats->allocs++;
	s->blocks += e->kind != MODEL_EVENT_MAP;
	stats->bytes += e->size;
	s->bytes[kind] += e->size;
	if (s->bytes[kind] <= s->peak[kind])
		return;
	s->peak[kind] = s->bytes[kind];
	s->peak_event[kind] = event + 1;
}

static void slow_exit(struct slow *s, const struct trace *t, uint32_t process)
{
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);

	for (uint32_t i = 0; i < n; i++) {
		if (s->dead[i] || process_of(t, i) != process)
			continue;
		s->bytes[sites[i].kind] -= model_live_bytes(&s->stats[i]);
		s->stats[i].frees += model_live_blocks(&s->stats[i]);
		s->stats[i].freed_bytes = s->stats[i].bytes;
		s->dead[i] = true;
	}
}

static void slow_add(struct slow *s, const struct trace *t,
		     const struct model_event *e, uint64_t event)
{
	struct model_stats *stats = &s->stats[e->site];

	s->time = e->time;
	switch (e->kind) {
	case MODEL_EVENT_FREE_TEMPORARY:
		stats->temporary++;
		/* fall through */
	case MODEL_EVENT_FREE:
		stats->frees++;
		stats->freed_bytes += e->size;
		s->bytes[MODEL_HEAP] -= e->size;
		return;
	case MODEL_EVENT_UNMAP:
		stats->frees += e->ended;
		stats->freed_bytes += e->size;
		s->bytes[MODEL_MAPPING] -= e->size;
		return;
	case MODEL_EVENT_EXIT:
		slow_exit(s, t, e->site);
		return;
	case MODEL_EVENT_REALLOC:
		if (e->old_site != MODEL_NO_SITE) {
			s->stats[e->old_site].moved_out++;
			s->stats[e->old_site].freed_bytes += e->old_size;
			s->bytes[MODEL_HEAP] -= e->old_size;
		}
		/* fall through */
	default:
		slow_begin(s, t, e, event);
	}
}

/* Up to `events` events, and none later than `time`. Gives how many. */
static uint64_t slow_run(struct slow *s, const struct trace *t, uint64_t events,
			 uint64_t time)
{
	struct trace_events *walk = trace_events_open(t);
	struct model_event e;
	uint64_t event = 0;
	struct err err;

	*s = (struct slow){ 0 };
	trace_sites(t, &s->count);
	s->stats = calloc(s->count, sizeof(*s->stats));
	s->dead = calloc(s->count, sizeof(*s->dead));
	while (event < events && trace_events_next(walk, &e, &err) > 0 &&
	       e.time <= time)
		slow_add(s, t, &e, event++);
	trace_events_close(walk);
	return event;
}

static void slow_end(struct slow *s)
{
	free(s->stats);
	free(s->dead);
}

/* What was live at the peak is what a replay up to it has. */
static void slow_shares(struct slow *s, const struct trace *t)
{
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);

	for (size_t k = 0; k < MODEL_KINDS; k++) {
		struct slow at;

		slow_run(&at, t, s->peak_event[k], UINT64_MAX);
		assert_int_equal(at.bytes[k], s->peak[k]);
		for (size_t i = 0; i < n; i++) {
			if (sites[i].kind != k)
				continue;
			s->stats[i].peak_blocks =
				model_live_blocks(&at.stats[i]);
			s->stats[i].peak_bytes = model_live_bytes(&at.stats[i]);
		}
		slow_end(&at);
	}
}

static void check_against(struct instant *i, const struct trace *t,
			  uint64_t events, uint64_t time)
{
	struct slow s;

	assert_int_equal(instant_event(i), slow_run(&s, t, events, time));
	assert_int_equal(instant_block(i), s.blocks);
	slow_shares(&s, t);
	for (size_t k = 0; k < MODEL_KINDS; k++)
		assert_int_equal(instant_peak(i, k)->bytes, s.peak[k]);
	for (size_t n = 0; n < s.count; n++)
		assert_memory_equal(&instant_stats(i)[n], &s.stats[n],
				    sizeof(*s.stats));
	slow_end(&s);
}

/* At the peak of the heap, what is live is the share in it. */
static void check_peak(struct instant *i, const struct trace *t)
{
	uint64_t bytes = 0;
	struct err err;
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);

	assert_int_equal(instant_seek_peak(i, &err), 0);
	check_against(i, t, instant_event(i), UINT64_MAX);
	for (size_t k = 0; k < n; k++) {
		const struct model_stats *s = &instant_stats(i)[k];

		if (sites[k].kind != MODEL_HEAP)
			continue;
		assert_int_equal(model_live_bytes(s),
				 trace_stats(t)[k].peak_bytes);
		assert_int_equal(model_live_blocks(s),
				 trace_stats(t)[k].peak_blocks);
		bytes += model_live_bytes(s);
	}
	assert_int_equal(bytes, trace_peak(t, MODEL_HEAP)->bytes);
}

/* What is near is what there was at some event before, and goes on. */
static void check_near(struct instant *i, const struct trace *t, uint64_t ns)
{
	struct instant *exact = instant_open(t);
	struct err err;
	size_t n;

	trace_sites(t, &n);
	assert_int_equal(instant_seek_near(i, ns, &err), 0);
	assert_true(instant_time(i) <= ns);
	assert_int_equal(instant_seek_event(exact, instant_event(i), &err), 0);
	assert_memory_equal(instant_stats(i), instant_stats(exact),
			    n * sizeof(struct model_stats));
	assert_int_equal(instant_seek_time(i, ns, &err), 0);
	check_against(i, t, UINT64_MAX, ns);
	instant_close(exact);
}

/* Reading that is given up fails, and may be tried again. */
static bool stops(void *left)
{
	return (*(int *)left)-- == 0;
}

static void check_stop(struct trace *t, uint64_t events)
{
	struct instant *i = instant_open(t);
	int left = 0;
	struct err err;

	trace_on_read(t, stops, &left);
	assert_int_equal(instant_seek_event(i, events / 2, &err), -1);
	assert_string_equal(err.text, "stopped");
	trace_on_read(t, NULL, NULL);
	assert_int_equal(instant_seek_event(i, events / 2, &err), 0);
	check_against(i, t, events / 2, UINT64_MAX);
	instant_close(i);
}

static void check_moments(struct trace *t)
{
	uint64_t events = trace_run(t)->events, at;
	uint64_t duration = trace_run(t)->duration;
	struct instant *moved = instant_open(t), *new;
	struct err err;

	for (int i = 0; i < MOMENTS; i++) {
		at = random_below((uint32_t)events);
		assert_int_equal(instant_seek_event(moved, at, &err), 0);
		check_against(moved, t, at, UINT64_MAX);
		new = instant_open(t);
		at = random_below((uint32_t)(duration >> 10)) << 10;
		assert_int_equal(instant_seek_time(new, at, &err), 0);
		check_against(new, t, UINT64_MAX, at);
		instant_close(new);
		/* A little back, and a little on. */
		assert_int_equal(instant_seek_time(moved, at, &err), 0);
		check_against(moved, t, UINT64_MAX, at);
		assert_int_equal(instant_seek_event(moved,
						    instant_event(moved) + 100,
						    &err),
				 0);
		check_against(moved, t, instant_event(moved), UINT64_MAX);
		if (i % 5 == 0)
			check_peak(moved, t);
		check_near(moved, t, at / 2);
		if (i == 0)
			check_stop(t, events);
	}
	assert_int_equal(instant_seek_event(moved, 0, &err), 0);
	check_against(moved, t, 0, UINT64_MAX);
	assert_int_equal(instant_seek_event(moved, events, &err), 0);
	check_against(moved, t, events, UINT64_MAX);
	instant_close(moved);
}

/* The slow way: which blocks of the heap are of the range is remembered. */
static void check_range(const struct trace *t, struct instant *at,
			uint64_t from, uint64_t to)
{
	uint64_t events = trace_run(t)->events;
	struct trace_events *walk = trace_events_open(t);
	struct range r = { .until = events, .is_end = true };
	bool *is_in = calloc(events, sizeof(*is_in));
	struct model_stats *want;
	struct model_event e;
	struct err err;
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);

	assert_int_equal(instant_seek_event(at, from, &err), 0);
	r.from = range_edge_at(at);
	assert_int_equal(instant_seek_event(at, to, &err), 0);
	r.to = range_edge_at(at);
	assert_int_equal(range_sum(&r, t, at, &err), 0);
	want = calloc(n, sizeof(*want));
	for (uint64_t i = 0; trace_events_next(walk, &e, &err) > 0; i++) {
		bool begins = e.kind == MODEL_EVENT_ALLOC ||
			      e.kind == MODEL_EVENT_REALLOC;
		bool moves = e.kind == MODEL_EVENT_REALLOC &&
			     e.old_site != MODEL_NO_SITE;

		if (moves && is_in[e.old]) {
			want[e.old_site].moved_out++;
			want[e.old_site].freed_bytes += e.old_size;
		}
		if (begins)
			is_in[e.block] = i >= from && i < to;
		if (begins && is_in[e.block]) {
			want[e.site].moved_in += e.kind == MODEL_EVENT_REALLOC;
			want[e.site].allocs += e.kind == MODEL_EVENT_ALLOC;
			want[e.site].bytes += e.size;
		}
		if ((e.kind == MODEL_EVENT_FREE ||
		     e.kind == MODEL_EVENT_FREE_TEMPORARY) &&
		    is_in[e.block]) {
			want[e.site].frees++;
			want[e.site].freed_bytes += e.size;
			want[e.site].temporary +=
				e.kind == MODEL_EVENT_FREE_TEMPORARY;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (sites[i].kind == MODEL_HEAP)
			assert_memory_equal(
				&want[i], &r.stats[i],
				offsetof(struct model_stats, peak_blocks));
	free(r.stats);
	free(want);
	free(is_in);
	trace_events_close(walk);
}

/* All of the run is what it has in all, its peak and mappings included. */
static void check_whole_range(const struct trace *t, struct instant *at)
{
	struct range r = { .until = trace_run(t)->events, .is_end = true };
	struct err err;
	size_t n;

	trace_sites(t, &n);
	assert_int_equal(instant_seek_event(at, r.until, &err), 0);
	r.to = range_edge_at(at);
	assert_int_equal(range_sum(&r, t, at, &err), 0);
	for (size_t k = 0; k < MODEL_KINDS; k++)
		assert_int_equal(r.peak[k].bytes, trace_peak(t, k)->bytes);
	for (size_t i = 0; i < n; i++)
		assert_memory_equal(&r.stats[i], &trace_stats(t)[i],
				    sizeof(*r.stats));
	free(r.stats);
}

static void check_ranges(const struct trace *t)
{
	uint64_t events = trace_run(t)->events;
	struct instant *at = instant_open(t);

	for (int i = 0; i < MOMENTS; i++) {
		uint64_t from = random_below((uint32_t)events);
		uint64_t size = random_below((uint32_t)(events - from));

		check_range(t, at, from, from + size);
	}
	check_range(t, at, 0, events);
	check_whole_range(t, at);
	instant_close(at);
}

/* Instants begin at checkpoints: there must be some. */
static size_t count_checkpoints(const struct trace *t)
{
	size_t count = 0;

	for (size_t i = 1; i < t->blocks.count; i++)
		count += trace_has_type(t, i, FORMAT_CHECKPOINT);
	return count;
}

static void record(struct session *s, unsigned int sizes)
{
	struct fake *f = fake_create(s, stamp_now(), 1);

	f->sizes = sizes;
	start_threads(f,
		      fake_process(f->ring, SESSION_PID, RING_ORIGIN_RUN, 0,
				   stamp_now()),
		      0, 3);
	for (uint32_t i = 0; i < STEPS; i++) {
		step(f, 3);
		if (i % 1000)
			continue;
		session_poll(s);
		usleep(1000);
	}
	session_finish(s);
	fake_destroy(f);
}

static void test_moments(void **state)
{
	static const unsigned int sizes[] = { 1, 300 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct session s;
		struct trace *t;

		random_state = 17 + i;
		record(&s, sizes[i]);
		t = session_open(&s);
		/* Many sizes make large checkpoints, and few. */
		assert_true(i || count_checkpoints(t) > 2);
		check_moments(t);
		check_ranges(t);
		trace_close(t);
		session_end(&s);
	}
}

/* How many events can be read, one after the other from the first. */
static uint64_t count_good(const struct trace *t)
{
	struct trace_events *walk = trace_events_open(t);
	struct model_event e;
	uint64_t good = 0;
	struct err err;

	while (trace_events_next(walk, &e, &err) > 0)
		good++;
	trace_events_close(walk);
	return good;
}

/* Spoils a byte in the middle of the last but one block of events. */
static void spoil(const struct session *s)
{
	struct trace *t = session_open(s);
	size_t block = t->blocks.count, left = 2;
	off_t at;
	uint8_t byte;

	while (left)
		left -= trace_has_type(t, --block, FORMAT_EVENTS);
	at = (off_t)(t->blocks.list[block].offset +
		     t->blocks.list[block].head.stored / 2);
	trace_close(t);
	assert_int_equal(pread(s->fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(s->fd, &byte, 1, at), 1);
}

/* An instant that events are missing for is an error, others are none. */
static void test_damage(void **state)
{
	struct session s;
	struct instant *at;
	struct trace *t;
	struct err err;
	uint64_t good;

	(void)state;
	random_state = 23;
	record(&s, 1);
	spoil(&s);
	t = session_open(&s);
	good = count_good(t);
	assert_in_range(good, 1, trace_run(t)->events - 1);
	at = instant_open(t);
	err.text[0] = '\0';
	assert_int_equal(instant_seek_event(at, good + 1, &err), -1);
	assert_true(strlen(err.text) > 0);
	assert_int_equal(instant_seek_event(at, good / 2, &err), 0);
	check_against(at, t, good / 2, UINT64_MAX);
	instant_close(at);
	trace_close(t);
	session_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
