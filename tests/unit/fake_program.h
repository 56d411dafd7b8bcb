/*
 * fake_program - a made-up program, and what it adds up to.
 *
 * Threads that allocate, free each other's blocks, reallocate, map and unmap
 * at random, with deep and shallow stacks. Each step is written to the ring
 * and added up here in the most obvious way, so that the reader's sums for
 * each stack, the composition of the peak and each event can be compared.
 */
#ifndef MEMPROF_TESTS_FAKE_PROGRAM_H
#define MEMPROF_TESTS_FAKE_PROGRAM_H

#include "fake_agent.h"
#include "session.h"
#include "trace/reader.h"
#include "trace/stamp.h"

enum {
	THREADS = 6,
	DEPTH = 6,
	PLACES = 2, /* that one frame calls */
	BLOCKS = 4096, /* live at once, at most */
	MAPPINGS = 16,
	PAGE = 4096,
	KEYS = 4096,
	CODE = 0x10000000, /* where the only module stands */
};

/* Sums of one stack of one thread, for one kind. */
struct sum {
	uint64_t hash; /* of the stack; 0 free */
	enum model_kind kind;
	struct model_stats stats;
};

struct block {
	uint64_t addr, size;
	struct sum *sum;
	unsigned int process;
	uint64_t number; /* 1 + how many began before, 0: none here */
};

struct mapping {
	uint64_t addr, end;
	struct sum *sum;
	unsigned int process;
};

struct fake {
	struct ring *ring;
	struct fake_thread thread[THREADS];
	uint64_t stack[THREADS][DEPTH]; /* outermost first */
	uint32_t depth[THREADS];
	uint64_t newest[THREADS];
	unsigned int process[THREADS];
	struct block block[BLOCKS];
	struct mapping mapping[MAPPINGS];
	struct sum sum[KEYS];
	uint64_t bytes[MODEL_KINDS], blocks[MODEL_KINDS];
	uint64_t peak[MODEL_KINDS];
	uint64_t begun, events;
	uint64_t stamp; /* 0: one thread, no stamps */
	uint64_t next_addr;
	unsigned int sizes; /* different ones at a place */
};

static uint64_t random_state;

static inline uint32_t random_below(uint32_t n)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return (uint32_t)(x >> 33) % n;
}

static inline uint64_t hash_step(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3ULL + (hash >> 29);
}

static inline uint64_t start_hash(uint32_t thread)
{
	return hash_step(0xcbf29ce484222325ULL, thread);
}

static inline uint64_t stack_hash(const struct fake *f, uint32_t t)
{
	uint64_t hash = start_hash(t);

	for (uint32_t i = 0; i < f->depth[t]; i++)
		hash = hash_step(hash, f->stack[t][i] - CODE);
	return hash;
}

static inline struct sum *find_sum(struct sum *sums, uint64_t hash,
				   enum model_kind kind)
{
	size_t at = (hash + kind) % KEYS;

	while (sums[at].hash &&
	       (sums[at].hash != hash || sums[at].kind != kind))
		at = (at + 1) % KEYS;
	sums[at].hash = hash;
	sums[at].kind = kind;
	return &sums[at];
}

static inline uint64_t next_stamp(struct fake *f)
{
	return f->stamp ? f->stamp++ : 0;
}

/* Goes somewhere else; what is then sent of the stack. */
static inline struct fake_stack move_stack(struct fake *f, uint32_t t,
					   uint64_t *fresh)
{
	uint32_t keep = random_below(f->depth[t] + 1);
	uint32_t add = random_below(4);

	if (keep + add > DEPTH)
		add = DEPTH - keep;
	for (uint32_t i = 0; i < add; i++) {
		f->stack[t][keep + i] = CODE + 100 + random_below(PLACES);
		fresh[add - 1 - i] = f->stack[t][keep + i];
	}
	f->depth[t] = keep + add;
	return (struct fake_stack){ .keep = keep,
				    .count = add,
				    .frames = fresh };
}

static inline void note_peak(struct fake *f, enum model_kind kind)
{
	if (f->bytes[kind] <= f->peak[kind])
		return;
	f->peak[kind] = f->bytes[kind];
	for (size_t i = 0; i < KEYS; i++) {
		struct model_stats *s = &f->sum[i].stats;

		if (f->sum[i].kind != kind)
			continue;
		s->peak_bytes = model_live_bytes(s);
		s->peak_blocks = model_live_blocks(s);
	}
}

static inline void begin_block(struct fake *f, uint32_t t, struct block *b,
			       bool moved)
{
	b->sum = find_sum(f->sum, stack_hash(f, t), MODEL_HEAP);
	b->process = f->process[t];
	b->number = ++f->begun;
	f->newest[t] = b->number;
	b->sum->stats.allocs += !moved;
	b->sum->stats.moved_in += moved;
	b->sum->stats.bytes += b->size;
	f->bytes[MODEL_HEAP] += b->size;
	f->blocks[MODEL_HEAP]++;
	f->events++;
	note_peak(f, MODEL_HEAP);
}

static inline void end_block(struct fake *f, uint32_t t, struct block *b,
			     bool moved)
{
	struct model_stats *s = &b->sum->stats;

	s->frees += !moved;
	s->moved_out += moved;
	s->temporary += !moved && f->newest[t] == b->number;
	s->freed_bytes += b->size;
	f->bytes[MODEL_HEAP] -= b->size;
	f->blocks[MODEL_HEAP]--;
	f->events += !moved;
	b->number = 0;
}

static inline uint64_t random_size(struct fake *f)
{
	return 16 + 8 * random_below(f->sizes);
}

static inline void do_alloc(struct fake *f, uint32_t t, struct block *b)
{
	uint64_t fresh[DEPTH];
	struct fake_stack s = move_stack(f, t, fresh);

	if (!b->addr)
		b->addr = f->next_addr += 4096 + 16;
	b->size = random_size(f);
	fake_take(&f->thread[t], RING_ALLOC, b->addr, b->size, &s,
		  next_stamp(f));
	begin_block(f, t, b, false);
}

static inline void do_free(struct fake *f, uint32_t t, struct block *b)
{
	fake_give(&f->thread[t], RING_FREE, b->addr, next_stamp(f));
	end_block(f, t, b, false);
}

static inline void do_realloc(struct fake *f, uint32_t t, struct block *b)
{
	uint64_t fresh[DEPTH];
	struct fake_stack s;

	fake_give(&f->thread[t], RING_REALLOC, b->addr, next_stamp(f));
	if (!random_below(8)) {
		fake_give(&f->thread[t], RING_NOT_REALLOCATED, 0,
			  next_stamp(f));
		return;
	}
	s = move_stack(f, t, fresh);
	end_block(f, t, b, true);
	if (random_below(2))
		b->addr = f->next_addr += 4096 + 16;
	b->size = random_size(f);
	fake_take(&f->thread[t], RING_REALLOCATED, b->addr, b->size, &s,
		  next_stamp(f));
	begin_block(f, t, b, true);
}

static inline void do_map(struct fake *f, uint32_t t, struct mapping *m)
{
	uint64_t fresh[DEPTH];
	struct fake_stack s = move_stack(f, t, fresh);
	uint64_t size = PAGE * (1 + random_below(8));

	m->addr = f->next_addr += 64 * PAGE;
	m->end = m->addr + size;
	m->sum = find_sum(f->sum, stack_hash(f, t), MODEL_MAPPING);
	m->process = f->process[t];
	fake_take(&f->thread[t], RING_MAP, m->addr, size, &s, next_stamp(f));
	m->sum->stats.allocs++;
	m->sum->stats.bytes += size;
	f->bytes[MODEL_MAPPING] += size;
	f->events++;
	note_peak(f, MODEL_MAPPING);
}

/* Some pages at one end or the other, or more than all. */
static inline void do_unmap(struct fake *f, uint32_t t, struct mapping *m)
{
	uint64_t size = PAGE * (1 + random_below(9));
	uint64_t had = m->end - m->addr;
	uint64_t addr = m->addr;

	if (size < had && random_below(2))
		addr = m->end - size;
	fake_unmap(&f->thread[t], addr, size, next_stamp(f));
	if (size > had)
		size = had;
	if (addr == m->addr)
		m->addr += size;
	else
		m->end -= size;
	m->sum->stats.freed_bytes += size;
	m->sum->stats.frees += m->addr == m->end;
	f->bytes[MODEL_MAPPING] -= size;
	f->events++;
}

static inline void step_mapping(struct fake *f, uint32_t t)
{
	struct mapping *m = &f->mapping[random_below(MAPPINGS)];

	if (m->addr == m->end)
		do_map(f, t, m);
	else if (m->process == f->process[t])
		do_unmap(f, t, m);
}

/* One random step of one thread. */
static inline void step(struct fake *f, uint32_t threads)
{
	uint32_t t = random_below(threads);
	struct block *b = &f->block[random_below(BLOCKS)];

	if (!random_below(20)) {
		step_mapping(f, t);
		return;
	}
	if (!b->number) {
		do_alloc(f, t, b);
		if (random_below(3) == 0)
			do_free(f, t, b);
		return;
	}
	if (b->process != f->process[t])
		return;
	if (random_below(4) == 0)
		do_realloc(f, t, b);
	else
		do_free(f, t, b);
}

static inline struct fake *fake_create(struct session *s, uint64_t stamp,
				       uint64_t flush_every)
{
	struct fake *f = calloc(1, sizeof(*f));

	session_start(s, flush_every);
	f->ring = fake_ring(collector_ring_fd(s->collector));
	f->stamp = stamp;
	f->next_addr = 0x7f0000000000;
	f->sizes = 8;
	return f;
}

static inline void fake_destroy(struct fake *f)
{
	munmap(f->ring, sizeof(*f->ring));
	free(f);
}

static inline void start_threads(struct fake *f, ring_ref process,
				 uint32_t first, uint32_t n)
{
	uint64_t stamp = f->stamp ? f->stamp : stamp_now();

	for (uint32_t i = first; i < first + n; i++) {
		fake_thread_start(&f->thread[i], f->ring, process,
				  SESSION_PID + (int32_t)i, stamp);
		f->process[i] = process;
	}
	fake_module(&f->thread[first], CODE, CODE + 0x10000, "/lib/fake.so",
		    next_stamp(f));
}

/* The hash of a node's stack, as stack_hash() has it. */
static inline uint64_t node_hash(const struct trace *t, uint32_t node)
{
	size_t n, frames;
	const struct model_node *nodes = trace_nodes(t, &n);
	const struct model_frame *f =
		&trace_frames(t, &frames)[nodes[node].frame];

	assert_true(node < n);
	if (!nodes[node].parent) {
		assert_int_equal(f->kind, MODEL_FRAME_THREAD);
		return start_hash((uint32_t)f->addr);
	}
	assert_int_equal(f->kind, MODEL_FRAME_CODE);
	return hash_step(node_hash(t, nodes[node].parent), f->addr);
}

static inline void add_stats(struct model_stats *to,
			     const struct model_stats *s)
{
	to->allocs += s->allocs;
	to->moved_in += s->moved_in;
	to->frees += s->frees;
	to->moved_out += s->moved_out;
	to->bytes += s->bytes;
	to->freed_bytes += s->freed_bytes;
	to->temporary += s->temporary;
	to->peak_blocks += s->peak_blocks;
	to->peak_bytes += s->peak_bytes;
}

/* Compares all sums of the trace with those of the oracle. */
static inline void compare(const struct fake *f, const struct trace *t)
{
	struct sum *sums = calloc(KEYS, sizeof(*sums));
	size_t n;
	const struct model_site *sites = trace_sites(t, &n);
	const struct model_stats *stats = trace_stats(t);

	for (size_t i = 0; i < n; i++)
		add_stats(&find_sum(sums, node_hash(t, sites[i].node),
				    sites[i].kind)
				   ->stats,
			  &stats[i]);
	for (size_t i = 0; i < KEYS; i++) {
		const struct sum *want = &f->sum[i];

		if (!want->hash)
			continue;
		assert_memory_equal(
			&find_sum(sums, want->hash, want->kind)->stats,
			&want->stats, sizeof(want->stats));
	}
	free(sums);
	for (size_t k = 0; k < MODEL_KINDS; k++)
		assert_int_equal(trace_peak(t, k)->bytes, f->peak[k]);
}

/* Adds the events up once more and compares with the reader's sums. */
static inline void check_events(const struct trace *t, uint64_t events)
{
	struct trace_events *walk = trace_events_open(t);
	struct model_event e;
	size_t n;
	struct model_stats *sums, *s;
	uint64_t count = 0, time = 0;
	struct err err;
	int got;

	trace_sites(t, &n);
	sums = calloc(n ? n : 1, sizeof(*sums));
	while ((got = trace_events_next(walk, &e, &err)) > 0) {
		assert_true(e.time >= time);
		time = e.time;
		count++;
		if (e.kind == MODEL_EVENT_EXIT)
			continue;
		s = &sums[e.site];
		s->allocs += e.kind == MODEL_EVENT_ALLOC ||
			     e.kind == MODEL_EVENT_MAP;
		s->moved_in += e.kind == MODEL_EVENT_REALLOC;
		if (e.kind == MODEL_EVENT_REALLOC &&
		    e.old_site != MODEL_NO_SITE) {
			sums[e.old_site].moved_out++;
			sums[e.old_site].freed_bytes += e.old_size;
		}
		if (e.kind == MODEL_EVENT_UNMAP) {
			s->freed_bytes += e.size;
			s->frees += e.ended;
		} else if (e.kind == MODEL_EVENT_FREE ||
			   e.kind == MODEL_EVENT_FREE_TEMPORARY) {
			s->freed_bytes += e.size;
			s->frees++;
			s->temporary += e.kind == MODEL_EVENT_FREE_TEMPORARY;
		} else {
			s->bytes += e.size;
		}
	}
	assert_int_equal(got, 0);
	assert_int_equal(count, events);
	for (size_t i = 0; i < n; i++)
		assert_memory_equal(&sums[i], &trace_stats(t)[i],
				    offsetof(struct model_stats, peak_blocks));
	free(sums);
	trace_events_close(walk);
}

/* The last block of a file says that it is whole. */
static inline void check_whole(const struct trace *t)
{
	const struct model_quality *q = trace_quality(t);

	assert_null(trace_problem(t));
	assert_true(q->finished);
	assert_false(q->damaged);
	assert_int_equal(q->lost_events, 0);
	assert_int_equal(q->unmatched_frees, 0);
}

#endif
