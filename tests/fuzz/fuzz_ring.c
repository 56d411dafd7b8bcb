/*
 * fuzz_ring - whatever a program writes to the ring, the collector lives, and
 * what it writes of it is a trace that opens.
 *
 * The input is the words of two threads of one process, a chunk each, behind a
 * few that become fields of the slots. Twice a pass is made over it.
 */
#include "trace/collector.h"
#include "trace/reader.h"
#include "trace/ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	THREADS = 2,
	FIELDS = 8, /* words of the input that are no records */
	NOBODY = 1 << 29, /* a pid that nobody has */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill_chunk(struct ring *ring, uint32_t n, const uint64_t *words,
		       size_t count)
{
	struct ring_chunk *chunk = &ring->chunk[n];
	size_t most = sizeof(chunk->words) / sizeof(*words);

	if (count > most)
		count = most;
	memcpy(chunk->words, words, count * sizeof(*words));
	atomic_store(&chunk->used, (uint32_t)(count * sizeof(*words)));
	chunk->thread = n + 1;
}

static void fill_ring(struct ring *ring, const uint64_t *fields,
		      const uint64_t *words, size_t count)
{
	size_t half = count / THREADS;

	ring->process[0].pid = NOBODY;
	ring->process[0].parent = (uint32_t)fields[0];
	ring->process[0].origin = (uint32_t)(fields[0] >> 32);
	ring->process[0].start = fields[1];
	atomic_store(&ring->process[0].lost, fields[2]);
	atomic_store(&ring->process[0].state, RING_PROCESS_LIVE);
	atomic_store(&ring->header.processes, 1);
	for (uint32_t i = 0; i < THREADS; i++) {
		struct ring_thread *t = &ring->thread[i];

		t->tid = NOBODY + (int32_t)i;
		t->process = 1;
		t->first = i + 1;
		t->start = fields[3];
		atomic_store(&t->open, fields[4]);
		atomic_store(&t->lost, fields[5]);
		fill_chunk(ring, i, words + i * half, half);
		atomic_store(&t->state, RING_THREAD_LIVE);
	}
	/* Chains may lead anywhere, round in a circle too. */
	atomic_store(&ring->chunk[0].next, (uint32_t)fields[6]);
	atomic_store(&ring->chunk[1].next, (uint32_t)(fields[6] >> 32));
	atomic_store(&ring->header.fresh_chunks, (uint32_t)fields[7]);
	atomic_store(&ring->header.threads, THREADS);
}

static void check_trace(int fd)
{
	char path[32];
	struct err err;
	struct trace *t;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	t = trace_open(path, &err);
	if (!t)
		abort();
	trace_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *argv[] = { (char *)"program", NULL };
	struct collector_options o = { .argc = 1, .argv = argv };
	size_t count = size / sizeof(uint64_t);
	uint64_t *words;
	struct collector *c;
	struct ring *ring;
	struct err err;

	if (count < FIELDS)
		return -1;
	o.fd = memfd_create("trace", MFD_CLOEXEC);
	c = collector_create(&o, &err);
	if (!c)
		abort();
	ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED,
		    collector_ring_fd(c), 0);
	if (ring == MAP_FAILED)
		abort();
	words = malloc(count * sizeof(*words));
	if (!words)
		abort();
	memcpy(words, data, count * sizeof(*words));
	fill_ring(ring, words, words + FIELDS, count - FIELDS);
	for (int i = 0; i < 2; i++)
		collector_poll(c, &err);
	collector_set_pid(c, NOBODY);
	collector_finish(c, 0, &err);
	collector_destroy(c);
	check_trace(o.fd);
	munmap(ring, sizeof(*ring));
	close(o.fd);
	free(words);
	return 0;
}
