/*
 * fake_agent - write the ring as an agent would, for tests of the collector.
 *
 * Keeps to ring.h and nothing else, so that it says what the collector may
 * count on. Everything is in this header, because a unit test is one file.
 * Threads here are only writers: a test may drive many of them from one
 * thread of its own, or each from its own.
 */
#ifndef MEMPROF_TESTS_FAKE_AGENT_H
#define MEMPROF_TESTS_FAKE_AGENT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "trace/ring.h"

struct fake_thread {
	struct ring *ring;
	struct ring_thread *slot;
	struct ring_chunk *chunk;
	uint64_t *at, *end;
};

static inline struct ring *fake_ring(int fd)
{
	struct ring *ring = mmap(NULL, sizeof(struct ring),
				 PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert(ring != MAP_FAILED);
	assert(ring->header.magic == RING_MAGIC);
	assert(ring->header.size == sizeof(struct ring));
	return ring;
}

/* Where the link of the slot or chunk stands. */
static inline _Atomic ring_ref *
fake_link(struct ring *ring, const _Atomic uint64_t *head, ring_ref ref)
{
	if (head == &ring->header.free_chunks)
		return &ring->chunk[ref - 1].next_free;
	if (head == &ring->header.free_threads)
		return &ring->thread[ref - 1].next_free;
	return &ring->process[ref - 1].next_free;
}

/* What a pool has, or 0. */
static inline ring_ref fake_pop(struct ring *ring, _Atomic uint64_t *head)
{
	uint64_t was = atomic_load(head);

	while ((uint32_t)was) {
		uint32_t ref = (uint32_t)was;
		uint32_t next = atomic_load(fake_link(ring, head, ref));

		if (atomic_compare_exchange_weak(
			    head, &was, ((was >> 32) + 1) << 32 | next))
			return ref;
	}
	return 0;
}

/* Gives the slot's reference. */
static inline ring_ref fake_process(struct ring *ring, int32_t pid,
				    enum ring_process_origin origin,
				    ring_ref parent, uint64_t stamp)
{
	ring_ref ref = fake_pop(ring, &ring->header.free_processes);
	struct ring_process *p;

	if (!ref)
		ref = atomic_fetch_add(&ring->header.processes, 1) + 1;
	p = &ring->process[ref - 1];
	p->pid = pid;
	p->origin = origin;
	p->parent = parent;
	p->parent_serial = parent ? ring->process[parent - 1].serial : 0;
	p->serial = atomic_fetch_add(&ring->header.serial, 1) + 1;
	p->start = stamp;
	atomic_store(&p->state, RING_PROCESS_LIVE);
	return ref;
}

/* A chunk, or NULL when the ring is full. */
static inline struct ring_chunk *fake_chunk(struct ring *ring)
{
	struct ring_header *h = &ring->header;
	ring_ref ref = fake_pop(ring, &h->free_chunks);
	uint32_t fresh = atomic_load(&h->fresh_chunks);

	while (!ref && fresh < RING_CHUNKS)
		if (atomic_compare_exchange_weak(&h->fresh_chunks, &fresh,
						 fresh + 1))
			ref = fresh + 1;
	if (!ref)
		return NULL;
	atomic_store(&ring->chunk[ref - 1].used, 0);
	atomic_store(&ring->chunk[ref - 1].next, 0);
	return &ring->chunk[ref - 1];
}

static inline ring_ref fake_ref(const struct ring *ring,
				const struct ring_chunk *chunk)
{
	return (ring_ref)(chunk - ring->chunk) + 1;
}

static inline void fake_use(struct fake_thread *t, struct ring_chunk *chunk)
{
	t->chunk = chunk;
	t->at = chunk->words;
	t->end = chunk->words + sizeof(chunk->words) / 8;
}

static inline void fake_thread_start(struct fake_thread *t, struct ring *ring,
				     ring_ref process, int32_t tid,
				     uint64_t stamp)
{
	ring_ref ref = fake_pop(ring, &ring->header.free_threads);

	if (!ref)
		ref = atomic_fetch_add(&ring->header.threads, 1) + 1;
	t->ring = ring;
	t->slot = &ring->thread[ref - 1];
	t->slot->tid = tid;
	t->slot->process = process;
	t->slot->start = stamp;
	atomic_store(&t->slot->open, 0);
	atomic_store(&t->slot->lost, 0);
	fake_use(t, fake_chunk(ring));
	t->slot->first = fake_ref(ring, t->chunk);
	atomic_store(&t->slot->state, RING_THREAD_LIVE);
}

/* Room for `words`; waits for the collector when the ring is full. */
static inline uint64_t *fake_reserve(struct fake_thread *t, size_t words)
{
	struct ring_header *h = &t->ring->header;
	struct ring_chunk *chunk;

	if ((size_t)(t->end - t->at) >= words)
		return t->at;
	do
		chunk = atomic_load(&h->queued) >= RING_QUEUE_LIMIT
				? NULL
				: fake_chunk(t->ring);
	while (!chunk);
	atomic_fetch_add(&h->queued, 1);
	atomic_store(&t->chunk->next, fake_ref(t->ring, chunk));
	fake_use(t, chunk);
	return t->at;
}

/* `n` words of a record, all at once. */
static inline void fake_write(struct fake_thread *t, const uint64_t *words,
			      size_t n)
{
	memcpy(fake_reserve(t, n), words, n * 8);
	t->at += n;
	atomic_store_explicit(&t->chunk->used,
			      (uint32_t)((t->at - t->chunk->words) * 8),
			      memory_order_release);
}

static inline uint64_t fake_first(enum ring_kind kind, uint64_t addr,
				  size_t count, uint64_t stamp)
{
	return kind | (stamp ? RING_STAMPED : 0) |
	       (uint64_t)count << RING_COUNT_SHIFT | addr << RING_ADDR_SHIFT;
}

struct fake_stack {
	uint32_t keep; /* outermost frames as sent before */
	uint32_t count;
	const uint64_t *frames; /* the others, innermost first */
};

/* ALLOC, REALLOCATED or MAP. `stamp` 0: none. */
static inline void fake_take(struct fake_thread *t, enum ring_kind kind,
			     uint64_t addr, uint64_t size,
			     const struct fake_stack *s, uint64_t stamp)
{
	uint64_t words[3 + RING_INLINE_FRAMES];
	size_t n = 0;

	words[n++] = fake_first(kind, addr, s->count, stamp);
	words[n++] = size | (uint64_t)s->keep << RING_KEEP_SHIFT;
	if (stamp)
		words[n++] = stamp;
	for (uint32_t i = 0; i < s->count; i++)
		words[n++] = s->frames[i];
	fake_write(t, words, n);
}

/* FREE, REALLOC, NOT_REALLOCATED, MODULE_GONE. */
static inline void fake_give(struct fake_thread *t, enum ring_kind kind,
			     uint64_t addr, uint64_t stamp)
{
	const uint64_t words[] = { fake_first(kind, addr, 0, stamp), stamp };

	fake_write(t, words, stamp ? 2 : 1);
}

static inline void fake_unmap(struct fake_thread *t, uint64_t addr,
			      uint64_t size, uint64_t stamp)
{
	const uint64_t words[] = { fake_first(RING_UNMAP, addr, 0, stamp), size,
				   stamp };

	fake_write(t, words, stamp ? 3 : 2);
}

/* MODULE, NAME, NOTE. */
static inline void fake_payload(struct fake_thread *t, enum ring_kind kind,
				uint64_t addr, const void *payload, size_t size,
				uint64_t stamp)
{
	uint64_t words[512] = { 0 };
	size_t n = (size + 7) / 8;

	words[0] = fake_first(kind, addr, n, stamp);
	words[1] = stamp;
	memcpy(words + (stamp ? 2 : 1), payload, size);
	fake_write(t, words, (stamp ? 2 : 1) + n);
}

static inline void fake_module(struct fake_thread *t, uint64_t start,
			       uint64_t end, const char *path, uint64_t stamp)
{
	struct {
		struct ring_module m;
		char rest[256];
	} payload = { .m = { .start = start,
			     .end = end,
			     .bias = start,
			     .build_id_size = 4,
			     .path_size = (uint16_t)strlen(path) } };

	memcpy(payload.rest, "\1\2\3\4", 4);
	memcpy(payload.rest + 4, path, strlen(path));
	fake_payload(t, RING_MODULE, 0, &payload,
		     sizeof(payload.m) + 4 + strlen(path), stamp);
}

#endif
