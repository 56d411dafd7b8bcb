/*
 * python - stacks of Python and native ones come out put together.
 *
 * A thread calls and returns at random, in C, in Python, from either into the
 * other, and in ways that leave groups without loops and loops without groups.
 * What each block is charged to is compared with what putting both stacks
 * together from the inner end gives, each time anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "fake_agent.h"
#include "session.h"

enum {
	DEPTH = 24, /* of either stack */
	CODES = 6,
	BLOCKS = 20000,
	HIDDEN_BELOW = 3, /* instruction, of odd codes */
	CODE = 0x10000, /* where the module is */
	LOOP = 0x50000, /* where the evaluation loop is */
	LOOP_END = 0x51000,
	MODULE_END = 0x60000,
	TEXT = 8192,
};

struct stack {
	uint64_t words[DEPTH]; /* outermost first */
	uint32_t depth, sent, same;
};

struct machine {
	struct session s;
	struct fake_thread t;
	struct ring *ring;
	struct stack native, python;
	char *expected[BLOCKS];
	uint32_t random;
};

static uint32_t below(struct machine *m, uint32_t n)
{
	m->random = m->random * 1664525 + 1013904223;
	return (m->random >> 16) % n;
}

static void push(struct stack *s, uint64_t word)
{
	if (s->depth < DEPTH)
		s->words[s->depth++] = word;
}

static void pop(struct stack *s, uint32_t n)
{
	s->depth -= n < s->depth ? n : s->depth;
	if (s->depth < s->same)
		s->same = s->depth;
}

static uint64_t python_word(uint64_t code, uint64_t instruction, uint64_t marks)
{
	return RING_FRAME_PYTHON | code << RING_CODE_SHIFT | instruction |
	       marks;
}

static void call_python(struct machine *m, bool entry)
{
	uint64_t marks = entry ? RING_FRAME_ENTRY : 0;

	if (!below(m, 4))
		marks |= RING_FRAME_GENERATOR;
	push(&m->python, python_word(below(m, CODES), below(m, 8), marks));
}

static void change(struct machine *m)
{
	switch (below(m, 9)) {
	case 0:
		pop(&m->native, 1 + below(m, 5));
		break;
	case 1:
		pop(&m->python, 1 + below(m, 4));
		break;
	case 2:
		push(&m->native, LOOP + 1 + below(m, 30));
		call_python(m, true);
		break;
	case 3:
	case 4:
		call_python(m, false);
		break;
	case 5:
		/* A loop that has no frame yet, or a group without a loop. */
		if (below(m, 2))
			push(&m->python,
			     python_word(RING_CODE_NONE, 0, RING_FRAME_ENTRY));
		else
			call_python(m, true);
		break;
	default:
		push(&m->native, CODE + 1 + below(m, 40));
	}
}

static bool is_shown(uint64_t word)
{
	uint64_t code = word >> RING_CODE_SHIFT & (RING_CODES + 1);
	uint64_t at = word & RING_INSTRUCTIONS;

	return code != RING_CODE_NONE && (word & RING_FRAME_GENERATOR ||
					  at > (code % 2 ? HIDDEN_BELOW : 0));
}

static void add_python(char *text, uint64_t word)
{
	uint64_t code = word >> RING_CODE_SHIFT & (RING_CODES + 1);
	uint64_t at = word & RING_INSTRUCTIONS;

	if (is_shown(word))
		sprintf(text + strlen(text), " f%" PRIu64 ":%" PRId64, code,
			at ? (int64_t)(at - 1) * 2 : -1);
}

/* The group that ends at `end`; gives where it begins. */
static uint32_t add_group(const struct stack *python, uint32_t end, char *text)
{
	uint64_t word;

	do {
		word = python->words[--end];
		add_python(text, word);
	} while (end && !(word & RING_FRAME_ENTRY));
	return end;
}

/* Innermost first. */
static char *expect(const struct machine *m, bool is_object)
{
	uint32_t left = m->python.depth;
	char text[TEXT] = "";

	for (uint32_t i = m->native.depth; i-- && !is_object;) {
		uint64_t pc = m->native.words[i];

		if (pc >= LOOP && left)
			left = add_group(&m->python, left, text);
		else
			sprintf(text + strlen(text), " %" PRIx64, pc - CODE);
	}
	while (left)
		left = add_group(&m->python, left, text);
	return strdup(text);
}

static uint32_t fresh_frames(const struct stack *s, uint64_t *frames)
{
	for (uint32_t i = s->same; i < s->depth; i++)
		frames[s->depth - 1 - i] = s->words[i];
	return s->depth - s->same;
}

static struct fake_stack changes(struct stack *s, uint64_t *frames)
{
	struct fake_stack f = { .keep = s->same,
				.count = fresh_frames(s, frames),
				.frames = frames };

	s->same = s->sent = s->depth;
	return f;
}

static void send_python(struct machine *m)
{
	uint64_t words[1 + DEPTH];
	struct fake_stack f = changes(&m->python, words + 1);

	words[0] =
		fake_first(RING_STACK, f.keep | RING_STACK_PYTHON, f.count, 0);
	fake_write(&m->t, words, 1 + f.count);
}

static void allocate(struct machine *m, uint32_t number)
{
	bool is_object = below(m, 2);
	uint64_t frames[DEPTH];
	struct fake_stack f;

	m->expected[number] = expect(m, is_object);
	if (!is_object)
		send_python(m);
	f = changes(is_object ? &m->python : &m->native, frames);
	fake_take(&m->t, is_object ? RING_OBJECT : RING_ALLOC,
		  0x100000 + number * 16, 1 + number, &f, 0);
}

/* Of the agent: a part is small, to see that they are put together. */
static void send_code(struct machine *m, uint32_t number)
{
	struct {
		struct ring_code code;
		char rest[40];
	} all = { .code = { .form = RING_CODE_LOCATIONS,
			    .first_line = 7,
			    .first_traceable = number % 2 ? HIDDEN_BELOW : 0,
			    .lines = 3,
			    .text = { { 2, 2 }, { 1, 1 }, { 1, 4 } } } };
	const uint32_t size = sizeof(all.code) + 4 + 1 + 4 + 3, part = 16;
	const uint16_t file[] = { 0xe9, 0xd800 };
	const uint32_t qualified = 0x1f40d;

	memcpy(all.rest, file, 4);
	all.rest[4] = (char)('a' + number);
	memcpy(all.rest + 5, &qualified, 4);
	memcpy(all.rest + 9, "\1\0\3", 3);
	for (uint32_t at = 0; at < size; at += part) {
		struct {
			struct ring_code_part head;
			char bytes[16];
		} p = { .head = { .number = number, .at = at, .size = size } };

		memcpy(p.bytes, (char *)&all + at,
		       size - at < part ? size - at : part);
		fake_payload(&m->t, RING_NOTE, RING_NOTE_CODE, &p, sizeof(p),
			     0);
	}
}

static void begin(struct machine *m)
{
	const struct ring_python python = { .ranges = 1,
					    .range = { { LOOP, LOOP_END } } };

	session_start(&m->s, 0);
	m->ring = fake_ring(collector_ring_fd(m->s.collector));
	fake_thread_start(
		&m->t, m->ring,
		fake_process(m->ring, SESSION_PID, RING_ORIGIN_RUN, 0, 1),
		SESSION_PID, 1);
	fake_module(&m->t, CODE, MODULE_END, "/python", 0);
	fake_payload(&m->t, RING_NOTE, RING_NOTE_PYTHON, &python,
		     sizeof(python), 0);
	for (uint32_t i = 0; i < CODES; i++)
		send_code(m, i);
	send_python(m);
}

static void add_frame(const struct model_frame *f, char *text)
{
	switch (f->kind) {
	case MODEL_FRAME_THREAD:
		break;
	case MODEL_FRAME_PYTHON:
		sprintf(text + strlen(text), " f%u:%" PRId64, f->module,
			(int64_t)f->addr);
		break;
	default:
		assert_int_equal(f->kind, MODEL_FRAME_CODE);
		sprintf(text + strlen(text), " %" PRIx64, f->addr);
	}
}

static void check_site(const struct machine *m, const struct trace *t,
		       const struct model_site *site)
{
	size_t n;
	const struct model_node *nodes = trace_nodes(t, &n);
	const struct model_frame *frames = trace_frames(t, &n);
	char text[TEXT] = "";

	for (uint32_t at = site->node; at; at = nodes[at].parent)
		add_frame(&frames[nodes[at].frame], text);
	assert_string_equal(text, m->expected[site->size - 1]);
}

static void check_codes(const struct trace *t)
{
	size_t n;
	const struct model_code *codes = trace_codes(t, &n);

	assert_int_equal(n, CODES);
	for (size_t i = 0; i < n; i++) {
		const char name[] = { (char)('a' + i), '\0' };

		assert_string_equal(codes[i].file, "\xc3\xa9\xef\xbf\xbd");
		assert_string_equal(codes[i].name, name);
		assert_string_equal(codes[i].qualified, "\xf0\x9f\x90\x8d");
		assert_int_equal(codes[i].first_line, 7);
		assert_int_equal(codes[i].form, MODEL_CODE_LOCATIONS);
		assert_int_equal(codes[i].lines_size, 3);
		assert_memory_equal(codes[i].lines, "\1\0\3", 3);
	}
}

static void test_hybrid(void **state)
{
	static struct machine machine;
	struct machine *m = &machine;
	const struct model_site *sites;
	struct trace *t;
	size_t n, exact = 0;

	(void)state;
	begin(m);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		for (uint32_t k = below(m, 4); k--;)
			change(m);
		allocate(m, i);
		if (!below(m, 500))
			session_poll(&m->s);
	}
	session_finish(&m->s);
	t = session_open(&m->s);
	sites = trace_sites(t, &n);
	for (size_t i = 0; i < n; i++)
		if (sites[i].exact) {
			check_site(m, t, &sites[i]);
			exact++;
		}
	assert_true(exact > BLOCKS / 2);
	check_codes(t);
	trace_close(t);
	session_end(&m->s);
	for (size_t i = 0; i < BLOCKS; i++)
		free(m->expected[i]);
}

static void collect(struct machine *m, uint32_t ended, uint64_t collected,
		    uint64_t stamp)
{
	/* Block number 60 is the interpreter's own, whenever it is freed. */
	const struct ring_gc gc = { .ended = ended,
				    .generation = 1,
				    .collected = collected,
				    .own = { 0x100000 + 60 * 16, 8 } };

	fake_payload(&m->t, RING_NOTE, RING_NOTE_GC, &gc, sizeof(gc), stamp);
}

static void free_blocks(struct machine *m, uint32_t first, uint32_t count)
{
	while (count--)
		fake_give(&m->t, RING_FREE, 0x100000 + first++ * 16, 0);
}

/* Of two sizes at one place, even ones and odd ones. */
static void make_block(struct machine *m, uint32_t number)
{
	const uint64_t frame = CODE + 1;
	const struct fake_stack f = { .count = 1, .frames = &frame };

	fake_take(&m->t, RING_ALLOC, 0x100000 + number * 16, 100 + number % 2,
		  &f, 0);
}

static void check_run(const struct trace *t, const struct model_gc *gc,
		      const uint64_t *blocks)
{
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);

	assert_int_equal(gc->generation, 1);
	assert_int_equal(gc->process, 0);
	assert_int_equal(gc->site_count, (blocks[0] != 0) + (blocks[1] != 0));
	for (size_t i = 0; i < gc->site_count; i++) {
		const struct model_gc_site *s = &gc->sites[i];
		uint64_t size = sites[s->site].size;

		assert_int_equal(s->blocks, blocks[size - 100]);
		assert_int_equal(s->bytes, s->blocks * size);
		assert_true(s->waited <= s->blocks * (gc->time - gc->since));
	}
}

/* What is freed before, between and after runs is of none. */
static void test_gc(void **state)
{
	static struct machine machine;
	struct machine *m = &machine;
	const struct model_gc *gc;
	struct trace *t;
	size_t n;

	(void)state;
	begin(m);
	for (uint32_t i = 0; i < 100; i++)
		make_block(m, i);
	free_blocks(m, 0, 10);
	collect(m, 0, 0, 10);
	free_blocks(m, 60, 1);
	free_blocks(m, 10, 7);
	make_block(m, 200);
	free_blocks(m, 200, 1);
	collect(m, 1, 5, 20);
	free_blocks(m, 20, 10);
	session_poll(&m->s);
	collect(m, 0, 0, 30);
	free_blocks(m, 30, 1);
	collect(m, 1, 1, 40);
	free_blocks(m, 40, 10);
	collect(m, 0, 0, 50);
	session_finish(&m->s);
	t = session_open(&m->s);
	gc = trace_gc(t, &n);
	assert_int_equal(n, 2);
	check_run(t, &gc[0], (uint64_t[]){ 4, 3 });
	check_run(t, &gc[1], (uint64_t[]){ 1, 0 });
	assert_int_equal(gc[0].collected, 5);
	assert_true(gc[1].since >= gc[0].time + gc[0].duration);
	trace_close(t);
	session_end(&m->s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gc),
		cmocka_unit_test(test_hybrid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
