/*
 * merge - see merge.h.
 */
#include "trace/merge.h"

#include <stdbool.h>
#include <stdlib.h>

#include "trace/records.h"
#include "trace/xmalloc.h"

enum {
	TICK = 1 << 18, /* ns between two looks at the time */
};

void merge_release(struct merge *m)
{
	free(m->heap);
}

void merge_start(struct merge *m, uint64_t now)
{
	m->count = 0;
	m->floor = m->now;
	m->now = now;
}

/* Moves the thread at `at` down to where it belongs. */
static void sift_down(struct merge *m, size_t at)
{
	struct thread *t = m->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= m->count)
			break;
		if (child + 1 < m->count &&
		    m->heap[child + 1]->key < m->heap[child]->key)
			child++;
		if (t->key <= m->heap[child]->key)
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = t;
}

static void sift_up(struct merge *m, size_t at)
{
	struct thread *t = m->heap[at];

	while (at && t->key < m->heap[(at - 1) / 2]->key) {
		m->heap[at] = m->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	m->heap[at] = t;
}

/* Nobody stamps in the future: such a record may come now. */
static uint64_t key_of(const struct merge *m, const struct stream_record *r)
{
	return r->stamp < m->now ? r->stamp : m->now;
}

void merge_add(struct merge *m, struct thread *t, struct pool *pool)
{
	struct stream_record r;

	if (!stream_look(&t->stream, pool)) {
		t->idle = true;
		return;
	}
	/* What had nothing at the last pass has it since then. */
	if (t->idle && t->stream.stamp < m->floor)
		t->stream.stamp = m->floor;
	t->idle = false;
	if (t->stream.broken || !stream_peek(&t->stream, pool, &r))
		return;
	t->key = key_of(m, &r);
	if (t->key >= t->process->merge_limit)
		return;
	m->heap = xgrow(m->heap, &m->capacity, m->count + 1, sizeof(*m->heap));
	t->process->pending++;
	m->heap[m->count] = t;
	sift_up(m, m->count++);
}

/* The stamp up to which the first thread may go on. */
static uint64_t limit_of(const struct merge *m)
{
	uint64_t limit = m->heap[0]->process->merge_limit;

	if (m->count > 1 && m->heap[1]->key < limit)
		limit = m->heap[1]->key + 1;
	if (m->count > 2 && m->heap[2]->key < limit)
		limit = m->heap[2]->key + 1;
	return limit;
}

static void tell_time(struct merge *m, struct book *b,
		      const struct clock *clock, uint64_t stamp)
{
	book_time(b, clock_ns(clock, stamp));
	m->tick = stamp + clock_stamps(clock, TICK);
}

/*
 * Takes records of the first thread up to `limit`. False when it has no more
 * that may be taken.
 */
static bool run_thread(struct merge *m, struct book *b, struct pool *pool,
		       const struct clock *clock, uint64_t most)
{
	struct thread *t = m->heap[0];
	uint64_t limit = limit_of(m);
	uint64_t until = t->stream.taken + most / 8;
	struct stream_record r;

	while (stream_peek(&t->stream, pool, &r)) {
		t->key = key_of(m, &r);
		if (t->key >= limit || t->stream.taken >= until)
			return t->key < t->process->merge_limit;
		if (t->key >= m->tick)
			tell_time(m, b, clock, t->key);
		stream_take(&t->stream, &r);
		if (!records_apply(b, t, &r)) {
			t->stream.broken = true;
			return false;
		}
	}
	return false;
}

/*
 * A thread of the process has no more records. When it was the last thread of
 * a process that has ended, the process ends here, before what others did
 * later.
 */
static void leave(struct book *b, const struct clock *clock, struct process *p)
{
	if (!--p->pending && p->known_gone && !p->ended)
		book_exit(b, p, clock->last.ns);
}

uint64_t merge_run(struct merge *m, struct book *b, struct pool *pool,
		   const struct clock *clock, uint64_t most)
{
	uint64_t sum = 0;

	while (m->count && sum < most) {
		struct thread *t = m->heap[0];
		uint64_t before = t->stream.taken;
		bool stays = run_thread(m, b, pool, clock, most - sum);

		sum += (t->stream.taken - before) * 8;
		if (!stays) {
			m->heap[0] = m->heap[--m->count];
			leave(b, clock, t->process);
		}
		if (m->count)
			sift_down(m, 0);
	}
	return sum;
}
