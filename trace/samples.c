/*
 * samples - see samples.h.
 */
#include "trace/samples.h"

#include <stdlib.h>
#include <time.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/procfs.h"
#include "trace/xmalloc.h"

enum {
	STEP_SHORTEST = 10000000, /* ns */
	STEPS = 512, /* of the time until now */
	COST_SHARE = 100, /* of the time may go into looking, one in so many */
};

void samples_release(struct samples *s)
{
	free(s->list);
	free(s->usage);
}

static struct model_sample *append(struct samples *s)
{
	s->list = xgrow(s->list, &s->capacity, s->count + 1, sizeof(*s->list));
	s->list[s->count] = (struct model_sample){ .first = s->usage_count };
	return &s->list[s->count++];
}

static void append_usage(struct samples *s, const struct model_usage *u)
{
	s->usage = xgrow(s->usage, &s->usage_capacity, s->usage_count + 1,
			 sizeof(*s->usage));
	s->usage[s->usage_count++] = *u;
	s->list[s->count - 1].processes++;
}

static void look_at(struct samples *s, const struct process *p)
{
	struct model_usage u = { .process = p->number };

	for (size_t i = 0; i < MODEL_KINDS; i++)
		u.bytes[i] = p->bytes[i];
	if (p->visible && !p->known_gone)
		procfs_memory(p->model.pid, &u.resident, &u.shared);
	append_usage(s, &u);
}

/* What is live of a kind; estimated when the run is a sample. */
static uint64_t live_bytes(const struct book *b, size_t kind)
{
	const struct sites_total *t = &b->sites.total[kind];

	return b->sites.sample ? t->estimate : t->bytes;
}

static void take(struct samples *s, struct book *b, uint64_t now)
{
	struct model_sample *m = append(s);

	m->time = now;
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		struct sites_total *t = &b->sites.total[i];
		uint64_t bytes = live_bytes(b, i);

		m->bytes[i] = bytes;
		m->high[i] = t->high > bytes ? t->high : bytes;
		t->high = bytes;
	}
}

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void samples_take(struct samples *s, struct book *b, uint64_t now)
{
	uint64_t step = now / STEPS, start, cost;

	if (now < s->next || !b->process_count)
		return;
	start = clock_ns();
	take(s, b, now);
	for (size_t i = 0; i < b->process_count; i++)
		if (!b->processes[i]->ended)
			look_at(s, b->processes[i]);
	cost = (clock_ns() - start) * COST_SHARE;
	if (step < STEP_SHORTEST)
		step = STEP_SHORTEST;
	s->next = now + (step > cost ? step : cost);
}

/* Processes that ended since the last sample had their memory until now. */
void samples_finish(struct samples *s, struct book *b, uint64_t now)
{
	uint64_t since = s->count ? s->list[s->count - 1].time : 0;
	struct model_sample *m;

	if (!b->process_count)
		return;
	take(s, b, now);
	for (size_t i = 0; i < b->process_count; i++) {
		const struct process *p = b->processes[i];

		if (p->ended && p->model.end < since)
			continue;
		look_at(s, p);
		m = &s->list[s->count - 1];
		for (size_t k = 0;
		     k < MODEL_KINDS && p->ended && !b->sites.sample; k++)
			m->bytes[k] += p->bytes[k];
	}
	m = &s->list[s->count - 1];
	for (size_t k = 0; k < MODEL_KINDS; k++)
		if (m->high[k] < m->bytes[k])
			m->high[k] = m->bytes[k];
}

static void put_usage(struct column *c, const struct model_usage *u)
{
	column_put(c, u->process);
	for (size_t i = 0; i < MODEL_KINDS; i++)
		column_put(c, u->bytes[i]);
	column_put(c, u->resident);
	column_put(c, u->shared);
}

static void put(const struct samples *s, struct column *c, size_t number,
		uint64_t before)
{
	const struct model_sample *m = &s->list[number];

	column_put(&c[SAMPLES_TIMES], m->time - before);
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		column_put(&c[SAMPLES_TOTALS], m->bytes[i]);
		column_put(&c[SAMPLES_TOTALS], m->high[i] - m->bytes[i]);
	}
	column_put(&c[SAMPLES_COUNTS], m->processes);
	for (size_t i = 0; i < m->processes; i++)
		put_usage(&c[SAMPLES_PROCESSES], &s->usage[m->first + i]);
}

int samples_write(struct samples *s, struct writer *w, struct err *err)
{
	struct column c[SAMPLES_COLUMNS] = { 0 };
	uint64_t before = 0;
	int ret;

	if (s->written == s->count)
		return 0;
	column_put(&c[SAMPLES_HEAD], s->written);
	column_put(&c[SAMPLES_HEAD], s->count - s->written);
	for (; s->written < s->count; s->written++) {
		put(s, c, s->written, before);
		before = s->list[s->written].time;
	}
	ret = writer_block(w, FORMAT_SAMPLES, c, SAMPLES_COLUMNS, err);
	columns_release(c, SAMPLES_COLUMNS);
	return ret;
}

static bool get_usage(struct samples *s, struct cursor *c, uint64_t count)
{
	struct cursor *n = &c[SAMPLES_PROCESSES];

	for (uint64_t i = 0; i < count && !n->bad; i++) {
		struct model_usage u = { .process = (uint32_t)cursor_get(n) };

		for (size_t k = 0; k < MODEL_KINDS; k++)
			u.bytes[k] = cursor_get(n);
		u.resident = cursor_get(n);
		u.shared = cursor_get(n);
		append_usage(s, &u);
	}
	return !n->bad;
}

/* One sample, and what processes had. False when it lies. */
static bool get(struct samples *s, struct cursor *c, uint64_t *before,
		uint64_t *budget)
{
	uint64_t count = cursor_get(&c[SAMPLES_COUNTS]);
	uint64_t cost = sizeof(struct model_sample);
	struct model_sample *m;

	*before += cursor_get(&c[SAMPLES_TIMES]);
	if (c[SAMPLES_TIMES].bad || c[SAMPLES_COUNTS].bad ||
	    count > cursor_left(&c[SAMPLES_PROCESSES]))
		return false;
	cost += count * sizeof(struct model_usage);
	if (cost > *budget ||
	    (s->count && *before < s->list[s->count - 1].time))
		return false;
	*budget -= cost;
	m = append(s);
	m->time = *before;
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		m->bytes[i] = cursor_get(&c[SAMPLES_TOTALS]);
		m->high[i] = m->bytes[i] + cursor_get(&c[SAMPLES_TOTALS]);
	}
	return !c[SAMPLES_TOTALS].bad && get_usage(s, c, count);
}

bool samples_read(struct samples *s, const uint8_t *payload, size_t size,
		  uint64_t *budget)
{
	struct cursor c[SAMPLES_COLUMNS];
	uint64_t count, before = 0;

	if (!cursors_open(c, SAMPLES_COLUMNS, payload, size))
		return false;
	cursor_get(&c[SAMPLES_HEAD]);
	count = cursor_get(&c[SAMPLES_HEAD]);
	for (uint64_t i = 0; i < count; i++)
		if (!get(s, c, &before, budget))
			return false;
	return true;
}
