/*
 * Grouping, sorting and totals, over a small trace made by hand.
 *
 * trace/reader.h is implemented here instead of in the library, so that every
 * figure stands in this file. Symbols come from no file: the modules are not
 * there, and a place is an address in a module.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/query.h"
#include "bare_trace.h"

enum {
	AGENT,
	PROGRAM,
	LIBC,
};

static const struct model_module modules[] = {
	[AGENT] = { .path = "/nowhere/libmemprof.so", .is_agent = true },
	[PROGRAM] = { .path = "/nowhere/program" },
	[LIBC] = { .path = "/nowhere/libc.so.6" },
};

static const struct model_process processes[] = {
	{ .pid = 100, .parent = MODEL_NONE, .name = "program" },
	{ .pid = 200, .parent = 0, .name = "child", .note = "seccomp" },
};

static const struct model_thread threads[] = {
	{ .process = 0, .tid = 100, .name = "main" },
	{ .process = 0, .tid = 101, .name = "worker" },
	{ .process = 1, .tid = 200, .name = "child" },
};

enum frame {
	F_MAIN_THREAD,
	F_WORKER,
	F_CHILD,
	F_MAIN, /* program */
	F_MAKE,
	F_STRDUP, /* C library */
	F_START,
	F_MALLOC, /* agent */
	F_CUT,
	F_JIT,
	F_GUESSED,
};

#define CODE(m, a)                                                             \
	{                                                                      \
		.kind = MODEL_FRAME_CODE, .module = (m), .addr = (a)           \
	}

static const struct model_frame frames[] = {
	[F_MAIN_THREAD] = { .kind = MODEL_FRAME_THREAD, .addr = 0 },
	[F_WORKER] = { .kind = MODEL_FRAME_THREAD, .addr = 1 },
	[F_CHILD] = { .kind = MODEL_FRAME_THREAD, .addr = 2 },
	[F_MAIN] = CODE(PROGRAM, 0x1000),
	[F_MAKE] = CODE(PROGRAM, 0x2000),
	[F_STRDUP] = CODE(LIBC, 0x3000),
	[F_START] = CODE(LIBC, 0x4000),
	[F_MALLOC] = CODE(AGENT, 0x5000),
	[F_CUT] = { .kind = MODEL_FRAME_CUT },
	[F_JIT] = { .kind = MODEL_FRAME_UNKNOWN, .addr = 0x7000 },
	[F_GUESSED] = { .kind = MODEL_FRAME_CODE,
			.module = PROGRAM,
			.addr = 0x8000,
			.flags = MODEL_FRAME_GUESSED },
};

static const struct model_node nodes[] = {
	[0] = { 0, 0 },
	[1] = { 0, F_MAIN_THREAD },
	[2] = { 1, F_START },
	[3] = { 2, F_MAIN },
	[4] = { 3, F_MAKE },
	[5] = { 4, F_MALLOC }, /* main thread: main, make */
	[6] = { 3, F_STRDUP },
	[7] = { 6, F_MALLOC }, /* main thread: main, strdup */
	[8] = { 0, F_WORKER },
	[9] = { 8, F_START },
	[10] = { 9, F_MAIN },
	[11] = { 10, F_MAKE }, /* worker: main, make */
	[12] = { 0, F_CHILD },
	[13] = { 12, F_CUT },
	[14] = { 13, F_MAKE }, /* child: cut, make */
	[15] = { 2, F_MALLOC }, /* only libraries */
	[16] = { 3, F_JIT }, /* code in no module */
	[17] = { 3, F_GUESSED },
};

static const struct model_site sites[] = {
	{ .node = 5, .size = 10, .exact = true },
	{ .node = 5, .size = 20, .exact = true },
	{ .node = 7, .size = 10, .exact = true },
	{ .node = 11, .size = 10, .exact = true },
	{ .node = 14, .size = 64, .exact = false },
	{ .node = 15, .size = 7, .exact = true },
	{ .node = 16, .size = 100, .exact = true },
	{ .node = 17, .size = 1, .exact = true },
	{ .node = 5, .size = 4096, .exact = true, .kind = MODEL_MAPPING },
};

static const struct model_stats stats[] = {
	{ .allocs = 3,
	  .frees = 1,
	  .bytes = 30,
	  .freed_bytes = 10,
	  .temporary = 1,
	  .peak_blocks = 3,
	  .peak_bytes = 30 },
	{ .allocs = 1,
	  .moved_in = 2,
	  .moved_out = 1,
	  .bytes = 60,
	  .freed_bytes = 20,
	  .peak_blocks = 1,
	  .peak_bytes = 20 },
	{ .allocs = 5,
	  .frees = 4,
	  .moved_out = 1,
	  .bytes = 50,
	  .freed_bytes = 50 },
	{ .allocs = 4, .bytes = 40, .peak_blocks = 4, .peak_bytes = 40 },
	{ .allocs = 2, .frees = 2, .bytes = 120, .freed_bytes = 120 },
	{ .allocs = 1, .bytes = 7, .peak_blocks = 1, .peak_bytes = 7 },
	{ .allocs = 1, .bytes = 100, .peak_blocks = 1, .peak_bytes = 100 },
	{ .allocs = 1, .frees = 1, .bytes = 1, .freed_bytes = 1 },
	{ .allocs = 1, .bytes = 4096, .peak_blocks = 1, .peak_bytes = 4096 },
};

struct trace {
	int unused;
};

static struct trace the_trace;
static struct model_quality quality;
static struct trace_run run = { .pid = 100, .cwd = "/" };

struct trace *trace_open(const char *path, struct err *err)
{
	if (strcmp(path, "/dev/null") == 0)
		return &the_trace;
	err_set(err, "cannot open '%s'", path);
	return NULL;
}

void trace_close(struct trace *t)
{
	assert_ptr_equal(t, &the_trace);
}

const struct trace_run *trace_run(const struct trace *t)
{
	(void)t;
	return &run;
}

const struct model_quality *trace_quality(const struct trace *t)
{
	(void)t;
	return &quality;
}

const struct model_sample *trace_samples(const struct trace *t, size_t *n,
					 const struct model_usage **usage)
{
	(void)t;
	*n = 0;
	*usage = NULL;
	return NULL;
}

const struct model_peak *trace_peak(const struct trace *t, enum model_kind k)
{
	static const struct model_peak peaks[] = {
		[MODEL_HEAP] = { .bytes = 197, .blocks = 10, .time = 5 },
		[MODEL_MAPPING] = { .bytes = 4096, .blocks = 1, .time = 6 },
	};

	(void)t;
	return &peaks[k];
}

#define TABLE(name, type, array)                                               \
	const struct type *name(const struct trace *t, size_t *n)              \
	{                                                                      \
		(void)t;                                                       \
		*n = sizeof(array) / sizeof(*array);                           \
		return array;                                                  \
	}

TABLE(trace_processes, model_process, processes)
TABLE(trace_threads, model_thread, threads)
TABLE(trace_modules, model_module, modules)
TABLE(trace_frames, model_frame, frames)
TABLE(trace_nodes, model_node, nodes)
TABLE(trace_sites, model_site, sites)

const struct model_code *trace_codes(const struct trace *t, size_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

const struct model_stats *trace_stats(const struct trace *t)
{
	(void)t;
	return stats;
}

static struct profile *open_it(void)
{
	struct err err;
	struct profile *p = profile_open("/dev/null", NULL, &err);

	assert_non_null(p);
	return p;
}

static const struct query_result *ask(struct profile *p, enum query_by by,
				      enum query_metric sort)
{
	struct query q = { .by = by, .sort = sort };
	struct err err;
	const struct query_result *r = profile_query(p, &q, &err);

	assert_non_null(r);
	assert_int_equal(r->count, r->total_rows);
	return r;
}

static void test_totals(void **state)
{
	struct profile *p = open_it();
	const struct query_totals *t = profile_totals(p, MODEL_HEAP);

	(void)state;
	assert_int_equal(t->allocations, 18);
	assert_int_equal(t->reallocations, 2);
	assert_int_equal(t->frees, 8);
	assert_int_equal(t->allocated_bytes, 408);
	assert_int_equal(t->freed_bytes, 201);
	assert_int_equal(t->live_bytes, 207);
	assert_int_equal(t->live_blocks, 10);
	assert_int_equal(t->temporary, 1);
	assert_int_equal(t->peak_bytes, 197);
	assert_int_equal(t->peak_time_ns, 5);
	assert_int_equal(profile_totals(p, MODEL_MAPPING)->live_bytes, 4096);
	profile_close(p);
}

/* The C library's frames and the agent's are charged to the program. */
static void test_by_line(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_LINE, QUERY_ALLOCATED);

	(void)state;
	assert_int_equal(r->count, 5);
	assert_int_equal(r->rows[0].place.addr, 0x2000);
	assert_string_equal(r->rows[0].place.module, "/nowhere/program");
	assert_int_equal(r->rows[0].counts.calls, 12);
	assert_int_equal(r->rows[0].counts.allocated_bytes, 250);
	assert_int_equal(r->rows[0].counts.frees, 3);
	assert_int_equal(r->rows[0].counts.live_blocks, 8);
	assert_int_equal(r->rows[1].place.addr, 0x7000);
	assert_null(r->rows[1].place.module);
	assert_int_equal(r->rows[2].place.addr, 0x1000);
	assert_int_equal(r->rows[2].counts.allocated_bytes, 50);
	/* All of its frames are wrappers: the innermost that is not ours. */
	assert_int_equal(r->rows[3].place.addr, 0x4000);
	assert_int_equal(r->rows[4].place.addr, 0x8000);
	assert_int_equal(r->total.allocated_bytes, 408);
	profile_close(p);
}

static void test_by_module(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_MODULE, QUERY_PEAK);

	(void)state;
	assert_int_equal(r->count, 3);
	assert_null(r->rows[0].place.module);
	assert_int_equal(r->rows[0].counts.peak_bytes, 100);
	assert_string_equal(r->rows[1].place.module, "/nowhere/program");
	assert_int_equal(r->rows[1].counts.peak_bytes, 90);
	assert_int_equal(r->total.peak_bytes, 197);
	/* Without names, functions and files are those of their modules. */
	assert_int_equal(ask(p, QUERY_BY_FUNCTION, QUERY_PEAK)->count, 3);
	assert_int_equal(ask(p, QUERY_BY_FILE, QUERY_PEAK)->count, 3);
	profile_close(p);
}

/* The same calls in two threads are one stack; the agent is in none. */
static void test_by_stack(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_STACK, QUERY_LIVE);
	const struct query_frame *f;
	size_t count;

	(void)state;
	assert_int_equal(r->count, 6);
	assert_int_equal(r->rows[0].counts.calls, 10);
	assert_int_equal(r->rows[0].counts.live_bytes, 100);
	f = profile_frames(p, &r->rows[0], &count);
	assert_int_equal(count, 3);
	assert_int_equal(f[0].addr, 0x2000);
	assert_int_equal(f[1].addr, 0x1000);
	assert_int_equal(f[2].addr, 0x4000);
	assert_false(f[0].wrapper);
	assert_true(f[2].wrapper);
	for (size_t i = 0; i < r->count; i++) {
		f = profile_frames(p, &r->rows[i], &count);
		if (r->rows[i].counts.allocated_bytes == 120) {
			assert_int_equal(count, 2);
			assert_string_equal(f[1].function, "[frames left out]");
		}
		if (r->rows[i].counts.allocated_bytes == 1)
			assert_true(f[0].guessed);
	}
	profile_close(p);
}

static void test_by_thread_and_process(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_THREAD, QUERY_CALLS);

	(void)state;
	assert_int_equal(r->count, 3);
	assert_ptr_equal(r->rows[0].thread, &threads[0]);
	assert_int_equal(r->rows[0].counts.calls, 14);
	assert_ptr_equal(r->rows[1].thread, &threads[1]);
	assert_ptr_equal(r->rows[2].process, &processes[1]);
	r = ask(p, QUERY_BY_PROCESS, QUERY_CALLS);
	assert_int_equal(r->count, 2);
	assert_ptr_equal(r->rows[0].process, &processes[0]);
	assert_int_equal(r->rows[0].counts.calls, 18);
	profile_close(p);
}

static void test_by_size(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_SIZE, QUERY_CALLS);

	(void)state;
	assert_int_equal(r->count, 6);
	assert_int_equal(r->rows[0].size_max, 10);
	assert_int_equal(r->rows[0].counts.calls, 12);
	assert_false(r->rows[0].size_shared);
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].size_max == 64)
			assert_true(r->rows[i].size_shared);
	profile_close(p);
}

static void test_pid(void **state)
{
	struct profile *p = open_it();
	struct query q = { .by = QUERY_BY_LINE, .pid = 200 };
	const struct query_result *r;
	struct err err;

	(void)state;
	r = profile_query(p, &q, &err);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->total.allocated_bytes, 120);
	q.pid = 300;
	assert_null(profile_query(p, &q, &err));
	assert_string_equal(err.text, "no process 300 in this trace");
	profile_close(p);
}

static void test_limit_and_kind(void **state)
{
	struct profile *p = open_it();
	struct query q = { .sort = QUERY_PEAK, .limit = 2 };
	const struct query_result *r;
	struct err err;

	(void)state;
	r = profile_query(p, &q, &err);
	assert_int_equal(r->count, 2);
	assert_int_equal(r->total_rows, 5);
	assert_int_equal(r->total.peak_bytes, 197);
	q.kind = MODEL_MAPPING;
	r = profile_query(p, &q, &err);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->rows[0].counts.live_bytes, 4096);
	profile_close(p);
}

/* Rows of equal figures come in the order of what they say. */
static void test_order(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r = ask(p, QUERY_BY_LINE, QUERY_TEMPORARY);

	(void)state;
	assert_int_equal(r->rows[0].place.addr, 0x2000);
	for (size_t i = 2; i < r->count; i++)
		assert_true(r->rows[i - 1].counts.allocated_bytes >=
			    r->rows[i].counts.allocated_bytes);
	profile_close(p);
}

/*
 * Of estimates, too, no row has freed more than it allocated: of five blocks
 * that weigh 1.67 each, that is eight, four freed are seven and one moved two.
 */
static void test_sampled(void **state)
{
	struct profile *p;
	const struct query_totals *t;
	const struct query_result *r;

	(void)state;
	for (run.sample = 1; run.sample < 200; run.sample++) {
		p = open_it();
		t = profile_totals(p, MODEL_HEAP);
		assert_in_range(t->live_blocks, 10, t->allocations);
		assert_in_range(t->live_bytes, 207, t->allocated_bytes);
		r = ask(p, QUERY_BY_STACK, QUERY_PEAK);
		for (size_t i = 0; i < r->count; i++)
			assert_in_range(r->rows[i].counts.live_blocks, 0,
					r->rows[i].counts.calls);
		assert_int_equal(profile_totals(p, MODEL_MAPPING)->live_bytes,
				 4096);
		profile_close(p);
	}
	run.sample = 0;
}

static void test_quality(void **state)
{
	const struct query_quality *q;
	struct profile *p;

	(void)state;
	quality = (struct model_quality){ .finished = true };
	p = open_it();
	q = profile_quality(p);
	assert_true(q->complete);
	assert_int_equal(q->guessed_frames, 1);
	assert_int_equal(q->bytes_without_line, 408);
	assert_int_equal(q->gap_count, 1); /* not the C library */
	assert_string_equal(q->gaps[0].path, "/nowhere/program");
	assert_int_equal(q->gaps[0].bytes, 301);
	assert_int_equal(q->note_count, 2);
	assert_non_null(strstr(q->notes[1], "process 200 (child): seccomp"));
	profile_close(p);

	quality.lost_events = 1;
	p = open_it();
	q = profile_quality(p);
	assert_false(q->complete);
	assert_non_null(strstr(q->notes[0], "1 event lost"));
	profile_close(p);
	quality = (struct model_quality){ 0 };
}

static void test_instants(void **state)
{
	struct profile *p;
	struct err err;

	(void)state;
	p = profile_open("/dev/null@end", NULL, &err);
	assert_non_null(p);
	assert_string_equal(profile_instant(p), "end");
	profile_close(p);
	assert_null(profile_open("/dev/null@pick", NULL, &err));
	assert_non_null(strstr(err.text, "no instant '@pick'"));
	assert_null(profile_open("/nowhere/x@peak", NULL, &err));
	assert_string_equal(err.text, "cannot open '/nowhere/x'");
	assert_null(profile_open("/nowhere/x@end", NULL, &err));
	assert_string_equal(err.text, "cannot open '/nowhere/x'");
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < QUERY_BYS; i++)
		assert_int_equal(query_by_from_name(query_by_name(i)), i);
	for (int i = 0; i < QUERY_METRICS; i++)
		assert_int_equal(query_metric_from_name(query_metric_name(i)),
				 i);
	assert_int_equal(query_by_from_name("lines"), -1);
	assert_int_equal(query_metric_from_name(""), -1);
}

/* "addr:total/own[children]" of all below, of the peak. */
static void write_node(struct query_tree *t, uint32_t node, FILE *out)
{
	struct query_node n = query_tree_node(t, node);
	const uint32_t *children;
	size_t count;

	if (n.thread)
		fprintf(out, "%s", n.thread->name);
	else if (n.process)
		fprintf(out, "%d", n.process->pid);
	else if (n.frame.function)
		fputs(n.frame.function, out);
	else
		fprintf(out, "%x", (unsigned int)n.frame.addr);
	fprintf(out, ":%d/%d%s", (int)n.total.peak_bytes, (int)n.own.peak_bytes,
		n.frame.guessed ? "?" : "");
	children = query_tree_children(t, node, &count);
	for (size_t i = 0; i < count; i++) {
		fputc(i ? ' ' : '[', out);
		write_node(t, children[i], out);
		/* Opening a node may move the array. */
		children = query_tree_children(t, node, &count);
	}
	fputs(count ? "]" : "", out);
}

static void expect_tree(const struct query *q,
			const struct query_tree_options *o,
			const char *expected)
{
	struct profile *p = open_it();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct query_tree *t;
	struct err err;

	t = profile_tree(p, q, o, &err);
	assert_non_null(t);
	write_node(t, 0, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	query_tree_close(t);
	profile_close(p);
}

static void test_trees(void **state)
{
	struct query q = { .by = QUERY_BY_LINE, .sort = QUERY_PEAK };
	struct query_tree_options o = { 0 };

	(void)state;
	/* What only libraries did is below its place. */
	expect_tree(&q, &o,
		    "0:197/0[1000:190/0[7000:100/100 2000:90/90 8000:0/0?] "
		    "4000:7/7 [frames left out]:0/0[2000:0/0]]");
	o.bottom_up = true;
	expect_tree(&q, &o,
		    "0:197/0[7000:100/0[1000:100/100] "
		    "2000:90/0[1000:90/90 [frames left out]:0/0] 4000:7/7 "
		    "1000:0/0 8000:0/0?[1000:0/0]]");
	q.by = QUERY_BY_THREAD;
	expect_tree(&q, &o,
		    "0:197/0[main:157/0[7000:100/0[1000:100/100] "
		    "2000:50/0[1000:50/50] 4000:7/7 1000:0/0 "
		    "8000:0/0?[1000:0/0]] worker:40/0[2000:40/0[1000:40/40]] "
		    "child:0/0[2000:0/0[[frames left out]:0/0]]]");
	o = (struct query_tree_options){ .wrappers = true };
	q = (struct query){ .by = QUERY_BY_PROCESS,
			    .pid = 200,
			    .sort = QUERY_CALLS };
	expect_tree(&q, &o, "0:0/0[200:0/0[[frames left out]:0/0[2000:0/0]]]");
	q = (struct query){ .kind = MODEL_MAPPING, .sort = QUERY_PEAK };
	expect_tree(&q, &o,
		    "0:4096/0[4000:4096/0[1000:4096/0[2000:4096/"
		    "4096]]]");
}

static void test_where(void **state)
{
	struct profile *p = open_it();
	const struct query_result *r;
	struct query q = { .by = QUERY_BY_THREAD, .sort = QUERY_CALLS };
	struct err err;
	struct where *w = where_parse("size < 11 and module ~ prog*", &err);

	(void)state;
	q.where = w;
	r = profile_query(p, &q, &err);
	assert_int_equal(r->count, 2);
	assert_int_equal(r->total.calls, 13);
	assert_int_equal(r->total.peak_bytes, 70);
	where_destroy(w);
	/* A size among others of its site: its events would tell. */
	w = where_parse("size > 48 and size < 65 and pid = 200", &err);
	q.where = w;
	r = profile_query(p, &q, &err);
	assert_int_equal(r->total.calls, 2);
	where_destroy(w);
	profile_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_by_line),
		cmocka_unit_test(test_by_module),
		cmocka_unit_test(test_by_stack),
		cmocka_unit_test(test_by_thread_and_process),
		cmocka_unit_test(test_by_size),
		cmocka_unit_test(test_pid),
		cmocka_unit_test(test_limit_and_kind),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_sampled),
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_instants),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
