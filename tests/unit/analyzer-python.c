/*
 * Frames of Python among native ones, over a small trace made by hand.
 *
 * trace/reader.h is implemented here instead of in the library, as in
 * analyzer-query.c. The program is this, started as python3 app.py:
 *
 *	 1	import json
 *	 2
 *	 3	class Loader:
 *	 4	    def load(self):
 *	 5	        a = json.loads(text)
 *	 6	        b = numpy.zeros(1000)
 *	 7	        return a
 *	 8
 *	 9	def main():
 *	10	    return Loader().load()
 *	11
 *	12	main()
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
	EXE,
	LIBPYTHON,
	LIBC,
	NUMPY,
};

static const struct model_module modules[] = {
	[EXE] = { .path = "/nowhere/bin/python3.11" },
	[LIBPYTHON] = { .path = "/nowhere/lib/libpython3.11.so.1.0" },
	[LIBC] = { .path = "/nowhere/libc.so.6" },
	[NUMPY] = { .path = "/nowhere/_multiarray_umath.so" },
};

static const struct model_process processes[] = {
	{ .pid = 100, .parent = MODEL_NONE, .name = "python3" },
};

static const struct model_thread threads[] = {
	{ .process = 0, .tid = 100, .name = "python3" },
};

enum code {
	C_MODULE,
	C_MAIN,
	C_LOAD,
	C_LOADS,
};

/* Ten bytes of instructions for each line. */
static const uint8_t lines[] = { 10, 1, 10, 1, 10, 1, 10, 1 };

static const struct model_code codes[] = {
	[C_MODULE] = { .file = "app.py",
		       .name = "<module>",
		       .qualified = "<module>",
		       .first_line = 11,
		       .lines = lines,
		       .lines_size = 2 },
	[C_MAIN] = { .file = "app.py",
		     .name = "main",
		     .qualified = "main",
		     .first_line = 9,
		     .lines = lines,
		     .lines_size = 2 },
	[C_LOAD] = { .file = "./app.py",
		     .name = "load",
		     .qualified = "Loader.load",
		     .first_line = 4,
		     .lines = lines,
		     .lines_size = 6 },
	[C_LOADS] = { .file = "/usr/lib/python3.11/json/__init__.py",
		      .name = "loads",
		      .qualified = "",
		      .first_line = 299,
		      .form = MODEL_CODE_LINETABLE,
		      .lines = lines,
		      .lines_size = 8 },
};

enum frame {
	F_THREAD,
	F_START, /* C library */
	F_EXE_MAIN,
	F_RUN_MAIN, /* libpython */
	F_NEW, /* libpython, that allocates */
	F_MODULE, /* Python */
	F_MAIN,
	F_LOAD_5,
	F_LOAD_6,
	F_LOADS,
	F_SORT, /* C library, between two of Python */
	F_ZEROS, /* numpy */
	F_CALL, /* libpython */
};

#define CODE(m, a)                                                             \
	{                                                                      \
		.kind = MODEL_FRAME_CODE, .module = (m), .addr = (a)           \
	}
#define PYTHON(c, a)                                                           \
	{                                                                      \
		.kind = MODEL_FRAME_PYTHON, .module = (c), .addr = (a)         \
	}

static const struct model_frame frames[] = {
	[F_THREAD] = { .kind = MODEL_FRAME_THREAD, .addr = 0 },
	[F_START] = CODE(LIBC, 0x1000),
	[F_EXE_MAIN] = CODE(EXE, 0x2000),
	[F_RUN_MAIN] = CODE(LIBPYTHON, 0x3000),
	[F_NEW] = CODE(LIBPYTHON, 0x4000),
	[F_MODULE] = PYTHON(C_MODULE, 12),
	[F_MAIN] = PYTHON(C_MAIN, 12),
	[F_LOAD_5] = PYTHON(C_LOAD, 14),
	[F_LOAD_6] = PYTHON(C_LOAD, 24),
	[F_LOADS] = PYTHON(C_LOADS, 44), /* behind its table */
	[F_SORT] = CODE(LIBC, 0x5000),
	[F_ZEROS] = CODE(NUMPY, 0x6000),
	[F_CALL] = CODE(LIBPYTHON, 0x7000),
};

static const struct model_node nodes[] = {
	[0] = { 0, 0 },		 [1] = { 0, F_THREAD },
	[2] = { 1, F_START },	 [3] = { 2, F_EXE_MAIN },
	[4] = { 3, F_RUN_MAIN }, [5] = { 4, F_NEW }, /* before any Python */
	[6] = { 4, F_MODULE },	 [7] = { 6, F_CALL },
	[8] = { 7, F_MAIN },	 [9] = { 8, F_SORT },
	[10] = { 9, F_LOAD_5 },	 [11] = { 10, F_LOADS },
	[12] = { 11, F_NEW }, /* main, load:5, loads */
	[13] = { 9, F_LOAD_6 },	 [14] = { 13, F_CALL },
	[15] = { 14, F_ZEROS }, /* main, load:6, numpy */
	[16] = { 15, F_SORT }, /* and from there the C library */
	[17] = { 9, F_LOAD_5 }, /* load:5 itself */
	[18] = { 4, F_LOADS }, /* a library alone */
	[19] = { 18, F_NEW },
};

enum place {
	S_START,
	S_LOADS,
	S_ZEROS,
	S_LOAD,
	S_ALONE,
	SITES,
};

static const struct model_site sites[] = {
	[S_START] = { .node = 5, .size = 1, .exact = true },
	[S_LOADS] = { .node = 12, .size = 100, .exact = true },
	[S_ZEROS] = { .node = 16, .size = 8000, .exact = true },
	[S_LOAD] = { .node = 17, .size = 30, .exact = true },
	[S_ALONE] = { .node = 19, .size = 2, .exact = true },
};

#define ALLOC(s, number)                                                       \
	{                                                                      \
		.kind = MODEL_EVENT_ALLOC, .site = (s), .block = (number)      \
	}
#define FREE(s, number)                                                        \
	{                                                                      \
		.kind = MODEL_EVENT_FREE, .site = (s), .block = (number)       \
	}

/* The line 5 keeps a block of 100 and one of 30, and line 6 one of 8000. */
static struct model_event events[] = {
	ALLOC(S_START, 0), ALLOC(S_LOADS, 1), ALLOC(S_LOADS, 2),
	FREE(S_LOADS, 1),  ALLOC(S_LOAD, 3),  ALLOC(S_ZEROS, 4),
	FREE(S_ZEROS, 4),  FREE(S_LOADS, 2),  FREE(S_LOAD, 3),
	ALLOC(S_ALONE, 5),
};

static struct model_stats stats[SITES];

struct trace {
	int unused;
};

struct trace_events {
	size_t next;
};

static struct trace the_trace;
static struct trace_events the_events;

struct trace *trace_open(const char *path, struct err *err)
{
	(void)path;
	(void)err;
	return &the_trace;
}

void trace_close(struct trace *t)
{
	assert_ptr_equal(t, &the_trace);
}

const struct trace_run *trace_run(const struct trace *t)
{
	static const struct trace_run run = { .pid = 100, .cwd = "/nowhere/p" };

	(void)t;
	return &run;
}

const struct model_quality *trace_quality(const struct trace *t)
{
	static const struct model_quality quality;

	(void)t;
	return &quality;
}

const struct model_peak *trace_peak(const struct trace *t, enum model_kind k)
{
	static const struct model_peak peak;

	(void)t;
	(void)k;
	return &peak;
}

const struct model_stats *trace_stats(const struct trace *t)
{
	(void)t;
	return stats;
}

struct trace_events *trace_events_open(const struct trace *t)
{
	(void)t;
	the_events.next = 0;
	return &the_events;
}

int trace_events_next(struct trace_events *e, struct model_event *event,
		      struct err *err)
{
	(void)err;
	if (e->next == sizeof(events) / sizeof(*events))
		return 0;
	*event = events[e->next++];
	return 1;
}

void trace_events_close(struct trace_events *e)
{
	assert_ptr_equal(e, &the_events);
}

/* Of the same file of the library; nobody asks for instants here. */
void walk_start(struct trace_events *e, const struct trace *t, size_t block,
		uint64_t from);
void walk_release(struct trace_events *e);

void walk_start(struct trace_events *e, const struct trace *t, size_t block,
		uint64_t from)
{
	(void)e;
	(void)t;
	(void)block;
	(void)from;
	abort();
}

void walk_release(struct trace_events *e)
{
	(void)e;
	abort();
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
TABLE(trace_codes, model_code, codes)
TABLE(trace_frames, model_frame, frames)
TABLE(trace_nodes, model_node, nodes)
TABLE(trace_sites, model_site, sites)

static void add_up(void)
{
	memset(stats, 0, sizeof(stats));
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct model_event *e = &events[i];
		struct model_stats *s = &stats[e->site];

		e->size = sites[e->site].size;
		if (e->kind == MODEL_EVENT_ALLOC) {
			s->allocs++;
			s->bytes += e->size;
		} else {
			s->frees++;
			s->freed_bytes += e->size;
		}
	}
}

static struct profile *open_with(const struct profile_options *o)
{
	struct err err;
	struct profile *p;

	add_up();
	p = profile_open("/dev/null", o, &err);
	assert_non_null(p);
	return p;
}

static const struct query_result *ask(struct profile *p, enum query_by by)
{
	const struct query q = { .by = by, .sort = QUERY_ALLOCATED };
	struct err err;
	const struct query_result *r = profile_query(p, &q, &err);

	assert_non_null(r);
	return r;
}

static void check_row(const struct query_row *row, const char *function,
		      const char *file, uint32_t line, uint64_t bytes)
{
	assert_string_equal(row->place.function, function);
	assert_string_equal(row->place.file, file);
	assert_int_equal(row->place.line, line);
	assert_int_equal(row->counts.allocated_bytes, bytes);
	assert_true(row->place.python);
}

/* Native code without lines, and the interpreter, pass for Python's line. */
static void lines_of_python_pay(void **state)
{
	struct profile *p = open_with(NULL);
	const struct query_result *r = ask(p, QUERY_BY_LINE);

	(void)state;
	assert_int_equal(r->count, 4);
	check_row(&r->rows[0], "Loader.load", "/nowhere/p/app.py", 6, 8000);
	check_row(&r->rows[1], "loads", "/usr/lib/python3.11/json/__init__.py",
		  299, 202);
	check_row(&r->rows[2], "Loader.load", "/nowhere/p/app.py", 5, 30);
	/* Without Python as ever. */
	assert_string_equal(r->rows[3].place.module, modules[LIBPYTHON].path);
	assert_int_equal(r->rows[3].place.addr, 0x4000);
	r = ask(p, QUERY_BY_MODULE);
	assert_int_equal(r->count, 3);
	assert_string_equal(r->rows[0].place.module, "app");
	assert_string_equal(r->rows[1].place.module, "json");
	profile_close(p);
}

static void libraries_can_be_left_out(void **state)
{
	const struct profile_options o = { .no_libraries = true };
	struct profile *p = open_with(&o);
	const struct query_result *r = ask(p, QUERY_BY_LINE);

	(void)state;
	assert_int_equal(r->count, 4);
	check_row(&r->rows[0], "Loader.load", "/nowhere/p/app.py", 6, 8000);
	check_row(&r->rows[1], "Loader.load", "/nowhere/p/app.py", 5, 230);
	/* But what has no other to charge. */
	check_row(&r->rows[2], "loads", "/usr/lib/python3.11/json/__init__.py",
		  299, 2);
	profile_close(p);
}

static void skipped_functions_charge_their_callers(void **state)
{
	static const char *const skip[] = { "Loader.*" };
	const struct profile_options o = { .skip = skip, .skips = 1 };
	struct profile *p = open_with(&o);
	const struct query_result *r = ask(p, QUERY_BY_LINE);

	(void)state;
	assert_int_equal(r->count, 3);
	check_row(&r->rows[0], "main", "/nowhere/p/app.py", 10, 8030);
	profile_close(p);
}

/* "load:6 main:10": functions with lines, and modules of the others. */
static void describe(struct profile *p, const struct query_row *row, char *text)
{
	size_t count;
	const struct query_frame *f = profile_frames(p, row, &count);

	*text = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(f[i].module, '/');

		if (f[i].python)
			sprintf(text + strlen(text), "%s:%u ", f[i].function,
				f[i].line);
		else
			sprintf(text + strlen(text), "%s ", slash + 1);
	}
}

static void check_stacks(const struct profile_options *o,
			 const char *const *expected, size_t count)
{
	struct profile *p = open_with(o);
	const struct query_result *r = ask(p, QUERY_BY_STACK);
	char text[1024];

	assert_int_equal(r->count, count);
	for (size_t i = 0; i < count; i++) {
		describe(p, &r->rows[i], text);
		assert_string_equal(text, expected[i]);
	}
	profile_close(p);
}

static void the_interpreter_is_folded(void **state)
{
	static const char *const folded[] = {
		"libc.so.6 _multiarray_umath.so Loader.load:6 libc.so.6 "
		"main:10 <module>:12 ",
		"loads:299 Loader.load:5 libc.so.6 main:10 <module>:12 ",
		"Loader.load:5 libc.so.6 main:10 <module>:12 ",
		"loads:299 ",
		"libpython3.11.so.1.0 libpython3.11.so.1.0 python3.11 "
		"libc.so.6 ",
	};
	static const char *const whole[] = {
		"libc.so.6 _multiarray_umath.so libpython3.11.so.1.0 "
		"Loader.load:6 libc.so.6 main:10 libpython3.11.so.1.0 "
		"<module>:12 libpython3.11.so.1.0 python3.11 libc.so.6 ",
	};
	static const char *const own[] = {
		"libc.so.6 _multiarray_umath.so Loader.load:6 libc.so.6 "
		"main:10 <module>:12 ",
		"Loader.load:5 libc.so.6 main:10 <module>:12 ",
	};
	const struct profile_options native = { .native = true };
	const struct profile_options no_libraries = { .no_libraries = true };
	struct profile *p;
	char text[1024];

	(void)state;
	check_stacks(NULL, folded, 5);
	p = open_with(&native);
	describe(p, &ask(p, QUERY_BY_STACK)->rows[0], text);
	assert_string_equal(text, whole[0]);
	profile_close(p);
	p = open_with(&no_libraries);
	for (size_t i = 0; i < 2; i++) {
		describe(p, &ask(p, QUERY_BY_STACK)->rows[i], text);
		assert_string_equal(text, own[i]);
	}
	describe(p, &ask(p, QUERY_BY_STACK)->rows[2], text);
	assert_string_equal(text, "loads:299 ");
	profile_close(p);
}

static uint32_t only_child(struct query_tree *t, uint32_t node)
{
	size_t count;
	const uint32_t *children = query_tree_children(t, node, &count);

	assert_int_equal(count, 1);
	return children[0];
}

static void trees_have_no_interpreter(void **state)
{
	const struct query q = { .sort = QUERY_ALLOCATED };
	const struct query_tree_options o = { 0 };
	struct profile *p = open_with(NULL);
	struct err err;
	struct query_tree *t = profile_tree(p, &q, &o, &err);
	size_t count;
	const uint32_t *children;
	struct query_node n;
	uint32_t at;

	(void)state;
	assert_non_null(t);
	children = query_tree_children(t, 0, &count);
	/* What ran before Python is a way of its own. */
	assert_int_equal(count, 3);
	at = children[0];
	n = query_tree_node(t, children[2]);
	assert_int_equal(n.total.allocated_bytes, 1);
	n = query_tree_node(t, at);
	assert_string_equal(n.frame.function, "<module>");
	assert_int_equal(n.total.allocated_bytes, 8230);
	at = only_child(t, at);
	assert_string_equal(query_tree_node(t, at).frame.function, "main");
	at = only_child(t, at);
	n = query_tree_node(t, at);
	assert_string_equal(n.frame.function, "Loader.load");
	assert_int_equal(n.own.allocated_bytes, 30);
	query_tree_children(t, at, &count);
	assert_int_equal(count, 2);
	query_tree_close(t);
	profile_close(p);
}

static const struct query_listings *annotate(struct profile *p,
					     const char *target)
{
	const struct query q = { .sort = QUERY_ALLOCATED };
	struct err err;

	return profile_annotate(p, target, &q, false, &err);
}

static void functions_are_found_by_parts_of_their_names(void **state)
{
	static const char *const targets[] = {
		"load", "Loader.load", "app.Loader.load", "*.load", "app.py:6",
	};
	struct profile *p = open_with(NULL);
	const struct query_listings *r;

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		r = annotate(p, targets[i]);
		assert_non_null(r);
		assert_int_equal(r->count, 1);
		assert_string_equal(r->items[0].function, "Loader.load");
	}
	assert_non_null(annotate(p, "json.loads"));
	assert_null(annotate(p, "oader.load"));
	r = annotate(p, "app.py");
	assert_non_null(r);
	assert_true(r->is_file);
	assert_int_equal(r->count, 3);
	assert_string_equal(r->items[0].function, "Loader.load");
	assert_string_equal(r->items[1].function, "main");
	assert_string_equal(r->items[2].function, "<module>");
	profile_close(p);
}

static void increments_are_what_lines_leave(void **state)
{
	struct profile *p = open_with(NULL);
	const struct query_listings *r = annotate(p, "load");
	const struct query_listing *l;

	(void)state;
	assert_non_null(r);
	l = &r->items[0];
	assert_true(l->has_usage);
	assert_int_equal(l->first, 4);
	assert_int_equal(l->last, 7);
	assert_int_equal(l->before, 1);
	assert_int_equal(l->count, 2);
	assert_int_equal(l->lines[0].line, 5);
	/* One of 100 was freed while the line went on. */
	assert_int_equal(l->lines[0].increment, 130);
	assert_int_equal(l->lines[0].usage, 201);
	assert_int_equal(l->lines[0].counts.calls, 3);
	assert_int_equal(l->lines[1].line, 6);
	assert_int_equal(l->lines[1].increment, 8000);
	assert_int_equal(l->lines[1].usage, 8131);
	/* The caller's one line has all of it. */
	r = annotate(p, "main");
	assert_int_equal(r->items[0].count, 1);
	assert_int_equal(r->items[0].lines[0].increment, 8130);
	profile_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_python_pay),
		cmocka_unit_test(libraries_can_be_left_out),
		cmocka_unit_test(skipped_functions_charge_their_callers),
		cmocka_unit_test(the_interpreter_is_folded),
		cmocka_unit_test(trees_have_no_interpreter),
		cmocka_unit_test(functions_are_found_by_parts_of_their_names),
		cmocka_unit_test(increments_are_what_lines_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
