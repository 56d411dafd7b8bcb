/*
 * Design
 * ------
 * What a mapping is for is told by its name, its neighbours and its place: the
 * kernel knows no more. Anonymous memory behind a guard page is a thread's
 * stack; at a multiple of 64 MiB begins one of glibc's arenas; right behind a
 * file's data comes the rest of that data. What is left of it is memory that
 * the program mapped itself, as recorded, or such as malloc maps for large
 * blocks.
 */
#include "trace/balance.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/xmalloc.h"

enum {
	COST_SHARE = 200, /* of the time may go into looking, one in so many */
	GUARD_MAX = 1 << 20, /* bytes; larger is no stack's guard */
	LINE_MAX_BYTES = 4200,
};

static const uint64_t SECOND = 1000000000;
static const uint64_t ARENA_ALIGN = 64 << 20;

/* A mapping as smaps shows it. */
struct area {
	uint64_t start, end;
	char rights[5];
	enum model_resident is; /* for */
	bool is_named;
	bool is_seen; /* it grew while it was shown, and is shown again */
};

void balance_release(struct balance *b)
{
	free(b->list);
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static enum model_resident named(const char *name)
{
	if (starts_with(name, "[heap]"))
		return MODEL_RESIDENT_HEAP;
	if (starts_with(name, "[stack"))
		return MODEL_RESIDENT_STACK;
	if (starts_with(name, "/memfd:memprof") || strstr(name, "/libmemprof"))
		return MODEL_RESIDENT_AGENT;
	return name[0] == '/' ? MODEL_RESIDENT_FILE : MODEL_RESIDENT_OTHER;
}

static bool is_guard(const struct area *a, uint64_t end)
{
	return a->end == end && !a->is_named && starts_with(a->rights, "---") &&
	       a->end - a->start <= GUARD_MAX;
}

static enum model_resident unnamed(const struct area *a,
				   const struct area *before)
{
	bool is_data = before->end == a->start && before->is_named &&
		       (before->is == MODEL_RESIDENT_FILE ||
			before->is == MODEL_RESIDENT_AGENT);

	if (is_data && starts_with(a->rights, "rw"))
		return before->is;
	if (is_guard(before, a->start))
		return MODEL_RESIDENT_STACK;
	if (a->start % ARENA_ALIGN == 0 && a->end - a->start <= ARENA_ALIGN)
		return MODEL_RESIDENT_HEAP;
	return MODEL_RESIDENT_OTHER;
}

/* "START-END RIGHTS OFFSET DEVICE INODE   NAME"; false for other lines. */
static bool read_head(const char *line, struct area *a)
{
	unsigned long long start, end;
	struct area before = *a;
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %*x %*s %*u %n", &start, &end,
		   a->rights, &name) < 3 ||
	    !name)
		return false;
	a->start = start;
	a->end = end;
	a->is_seen = start < before.end;
	a->is_named = line[name] && line[name] != '\n';
	a->is = a->is_named ? named(line + name) : unnamed(a, &before);
	return true;
}

/* Bytes of the program's own mappings in an area. */
static uint64_t overlap(const struct mappings *own, const struct area *a)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < own->count; i++) {
		const struct mappings_range *r = &own->ranges[i];
		uint64_t start = r->start > a->start ? r->start : a->start;
		uint64_t end = r->end < a->end ? r->end : a->end;

		if (start < end)
			sum += end - start;
	}
	return sum;
}

/* The kernel joins neighbours: what of an area is resident is shared out. */
static void add(const struct area *a, uint64_t resident,
		const struct mappings *own, uint64_t bytes[MODEL_RESIDENTS])
{
	uint64_t mine = resident ? overlap(own, a) : 0;
	double share = (double)mine / (double)(a->end - a->start);
	uint64_t part = (uint64_t)((double)resident * share);

	if (a->is == MODEL_RESIDENT_AGENT)
		part = 0;
	bytes[MODEL_RESIDENT_MAPPED] += part;
	bytes[a->is] += resident - part;
}

void balance_add_up(FILE *smaps, const struct mappings *own,
		    uint64_t bytes[MODEL_RESIDENTS])
{
	char line[LINE_MAX_BYTES];
	struct area a = { .is_named = true, .is = MODEL_RESIDENT_OTHER };
	unsigned long long kib;

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "Rss: %llu kB", &kib) != 1)
			read_head(line, &a);
		else if (a.end > a.start && !a.is_seen)
			add(&a, kib * 1024, own, bytes);
	}
}

static void look_at(struct balance *b, const struct process *p, uint64_t now)
{
	struct model_balance m = { .process = p->number, .time = now };
	char path[64];
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", p->model.pid);
	smaps = fopen(path, "re");
	if (!smaps)
		return;
	balance_add_up(smaps, &p->mappings, m.bytes);
	fclose(smaps);
	b->list = xgrow(b->list, &b->capacity, b->count + 1, sizeof(*b->list));
	b->list[b->count++] = m;
}

/* By the last sample. */
static uint64_t resident(const struct samples *s)
{
	const struct model_sample *m = &s->list[s->count - 1];
	uint64_t sum = 0;

	for (size_t i = 0; i < m->processes; i++)
		sum += s->usage[m->first + i].resident;
	return sum;
}

static uint64_t cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void balance_take(struct balance *b, const struct samples *s,
		  const struct book *book, uint64_t now)
{
	uint64_t bytes =
		s->count && s->list[s->count - 1].time == now ? resident(s) : 0;
	uint64_t start, cost;

	bool is_marked = b->marks != book->marks.count;

	if (!bytes || (now < b->next && !is_marked &&
		       bytes <= b->highest + b->highest / 10))
		return;
	b->marks = book->marks.count;
	start = cpu_time();
	for (size_t i = 0; i < book->process_count; i++) {
		const struct process *p = book->processes[i];

		if (p->visible && !p->known_gone && !p->ended)
			look_at(b, p, now);
	}
	cost = (cpu_time() - start) * COST_SHARE;
	b->next = now + (cost > SECOND ? cost : SECOND);
	if (bytes > b->highest)
		b->highest = bytes;
}

int balance_write(struct balance *b, struct writer *w, struct err *err)
{
	struct column c[BALANCE_COLUMNS] = { 0 };
	int ret;

	if (b->written == b->count)
		return 0;
	column_put(&c[BALANCE_HEAD], b->count - b->written);
	for (; b->written < b->count; b->written++) {
		const struct model_balance *m = &b->list[b->written];

		column_put(&c[BALANCE_NUMBERS], m->process);
		column_put(&c[BALANCE_NUMBERS], m->time);
		for (size_t i = 0; i < MODEL_RESIDENTS; i++)
			column_put(&c[BALANCE_NUMBERS], m->bytes[i]);
	}
	ret = writer_block(w, FORMAT_BALANCE, c, BALANCE_COLUMNS, err);
	columns_release(c, BALANCE_COLUMNS);
	return ret;
}

/* In order of time, and sums that can be added up. */
static bool is_possible(const struct balance *b, const struct model_balance *m)
{
	for (size_t i = 0; i < MODEL_RESIDENTS; i++)
		if (m->bytes[i] > UINT64_MAX / 4096)
			return false;
	return !b->count || m->time >= b->list[b->count - 1].time;
}

bool balance_read(struct balance *b, const uint8_t *payload, size_t size,
		  uint64_t *budget)
{
	struct cursor c[BALANCE_COLUMNS];
	struct cursor *n = &c[BALANCE_NUMBERS];
	uint64_t count;

	if (!cursors_open(c, BALANCE_COLUMNS, payload, size))
		return false;
	count = cursor_get(&c[BALANCE_HEAD]);
	if (c[BALANCE_HEAD].bad || count > cursor_left(n) ||
	    count * sizeof(*b->list) > *budget)
		return false;
	*budget -= count * sizeof(*b->list);
	for (uint64_t i = 0; i < count; i++) {
		struct model_balance m = { .process = (uint32_t)cursor_get(n) };

		m.time = cursor_get(n);
		for (size_t k = 0; k < MODEL_RESIDENTS; k++)
			m.bytes[k] = cursor_get(n);
		if (n->bad || !is_possible(b, &m))
			return false;
		b->list = xgrow(b->list, &b->capacity, b->count + 1,
				sizeof(*b->list));
		b->list[b->count++] = m;
	}
	return true;
}
