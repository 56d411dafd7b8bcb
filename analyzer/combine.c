/*
 * combine - the answers of many traces to one question, as one.
 *
 * Profiles come one after the other and may be closed again, so memory goes
 * with the places that differ and not with the number of traces: what is kept
 * of a row is copied, its texts once for all. Rows are one when they read the
 * same: machines and processes have different addresses and numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/lookup.h"
#include "analyzer/names.h"
#include "analyzer/query.h"
#include "trace/xmalloc.h"

enum {
	NOTES_MAX = 50,
};

struct query_combiner {
	struct query query;
	struct arena arena;
	struct names names;
	struct lookup lookup;
	struct query_combined_row *rows; /* owned, as all arrays */
	size_t room;
	struct query_module_gap *gaps;
	size_t gap_room;
	const char **notes;
	size_t note_room;
	struct query_combined result;
};

struct query_combiner *query_combiner_open(const struct query *q)
{
	struct query_combiner *c = xcalloc(1, sizeof(*c));

	c->query = *q;
	c->query.limit = 0;
	c->query.unsorted = true;
	arena_init(&c->arena);
	names_init(&c->names, &c->arena);
	c->result.quality.complete = true;
	c->result.quality.capture.finished = true;
	return c;
}

void query_combiner_close(struct query_combiner *c)
{
	if (!c)
		return;
	lookup_release(&c->lookup);
	names_release(&c->names);
	arena_release(&c->arena);
	free(c->rows);
	free(c->gaps);
	free(c->notes);
	free(c);
}

static bool is_same(const void *owner, uint32_t item, const void *key)
{
	const struct query_row *a =
		&((const struct query_combiner *)owner)->rows[item].row;
	const struct query_row *b = key;

	return a->place.function == b->place.function &&
	       a->place.file == b->place.file &&
	       a->place.line == b->place.line &&
	       a->place.module == b->place.module &&
	       a->place.addr == b->place.addr && a->size_min == b->size_min &&
	       a->size_max == b->size_max && a->size_shared == b->size_shared;
}

/* What tells it from others, and nothing that would be of one trace alone. */
static struct query_row copy(struct query_combiner *c,
			     const struct query_row *row)
{
	struct query_row r = {
		.place = row->place,
		.size_min = row->size_min,
		.size_max = row->size_max,
		.size_shared = row->size_shared,
	};

	r.place.function = names_intern(&c->names, row->place.function);
	r.place.file = names_intern(&c->names, row->place.file);
	r.place.module = names_intern(&c->names, row->place.module);
	if (r.place.function || r.place.line)
		r.place.addr = 0;
	return r;
}

static void add_row(struct query_combiner *c, const struct query_row *row)
{
	struct query_row r = copy(c, row);
	const struct query_frame *f = &r.place;
	uint32_t hash = lookup_hash_numbers(
		(uintptr_t)f->function ^ f->line ^ r.size_max,
		(uintptr_t)f->file ^ (uintptr_t)f->module << 1 ^ f->addr);
	uint32_t found = lookup_find(&c->lookup, hash, is_same, c, &r);

	if (found == LOOKUP_NONE) {
		found = (uint32_t)c->result.count++;
		c->rows = xgrow(c->rows, &c->room, c->result.count,
				sizeof(*c->rows));
		c->rows[found] = (struct query_combined_row){ .row = r };
		lookup_add(&c->lookup, hash, found);
	}
	query_counts_add(&c->rows[found].row.counts, &row->counts);
	c->rows[found].traces++;
}

static void add_totals(struct query_totals *t, const struct query_totals *other)
{
	t->allocations += other->allocations;
	t->allocated_bytes += other->allocated_bytes;
	t->frees += other->frees;
	t->freed_bytes += other->freed_bytes;
	t->reallocations += other->reallocations;
	t->live_blocks += other->live_blocks;
	t->live_bytes += other->live_bytes;
	t->peak_bytes += other->peak_bytes;
	t->peak_blocks += other->peak_blocks;
	t->temporary += other->temporary;
	t->leaked_bytes += other->leaked_bytes;
	t->leaked_blocks += other->leaked_blocks;
}

static void add_capture(struct model_quality *q,
			const struct model_quality *other)
{
	q->finished &= other->finished;
	q->damaged |= other->damaged;
	q->lost_events += other->lost_events;
	q->unmatched_frees += other->unmatched_frees;
	q->inherited_frees += other->inherited_frees;
	q->unrecorded_frees += other->unrecorded_frees;
	q->truncated_stacks += other->truncated_stacks;
	q->reentrant += other->reentrant;
	q->waits += other->waits;
	q->checks += other->checks;
	q->check_failures += other->check_failures;
	q->reordered += other->reordered;
}

static void add_gap(struct query_combiner *c, const struct query_module_gap *g)
{
	struct query_quality *q = &c->result.quality;
	const char *path = names_intern(&c->names, g->path);
	size_t i = 0;

	while (i < q->gap_count && c->gaps[i].path != path)
		i++;
	if (i == q->gap_count) {
		c->gaps = xgrow(c->gaps, &c->gap_room, i + 1, sizeof(*c->gaps));
		c->gaps[q->gap_count++] = (struct query_module_gap){
			.path = path,
			.why = names_intern(&c->names, g->why),
			.fix = names_intern(&c->names, g->fix),
		};
	}
	c->gaps[i].bytes += g->bytes;
}

static void add_note(struct query_combiner *c, const char *note)
{
	struct query_quality *q = &c->result.quality;
	const char *copied = names_intern(&c->names, note);

	for (size_t i = 0; i < q->note_count; i++)
		if (c->notes[i] == copied)
			return;
	if (q->note_count == NOTES_MAX)
		return;
	c->notes = xgrow(c->notes, &c->note_room, q->note_count + 1,
			 sizeof(*c->notes));
	c->notes[q->note_count++] = copied;
}

static void add_quality(struct query_combiner *c, struct profile *p)
{
	const struct query_quality *other = profile_quality(p);
	struct query_quality *q = &c->result.quality;

	q->complete &= other->complete;
	q->guessed_frames += other->guessed_frames;
	q->bytes_without_line += other->bytes_without_line;
	add_capture(&q->capture, &other->capture);
	for (size_t i = 0; i < other->gap_count; i++)
		add_gap(c, &other->gaps[i]);
	for (size_t i = 0; i < other->note_count; i++)
		add_note(c, other->notes[i]);
}

int query_combiner_add(struct query_combiner *c, struct profile *p,
		       struct err *err)
{
	const struct query_result *r = profile_query(p, &c->query, err);
	int32_t pid = c->query.pid;

	if (!r)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		add_row(c, &r->rows[i]);
	query_counts_add(&c->result.total, &r->total);
	for (int kind = 0; kind < MODEL_KINDS; kind++)
		add_totals(&c->result.totals[kind],
			   profile_totals_of(p, (enum model_kind)kind, pid));
	if (profile_run(p)->duration > c->result.duration)
		c->result.duration = profile_run(p)->duration;
	c->result.has_sample |= profile_run(p)->sample != 0;
	add_quality(c, p);
	c->result.traces++;
	return 0;
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* By what they read, where figures are equal. */
static int compare_places(const struct query_row *a, const struct query_row *b)
{
	int order = compare_texts(a->place.function, b->place.function);

	if (!order)
		order = compare_texts(a->place.file, b->place.file);
	if (!order)
		order = compare_texts(a->place.module, b->place.module);
	if (!order && a->place.line != b->place.line)
		order = a->place.line < b->place.line ? -1 : 1;
	if (!order && a->place.addr != b->place.addr)
		order = a->place.addr < b->place.addr ? -1 : 1;
	if (!order)
		order = a->size_max < b->size_max ? -1
						  : a->size_max > b->size_max;
	return order;
}

/* The row is the first member of what is sorted. */
static int compare_rows(const void *a, const void *b, void *sort)
{
	const struct query_row *x = a, *y = b;
	enum query_metric m = *(const enum query_metric *)sort;
	uint64_t left = query_metric_of(&x->counts, m);
	uint64_t right = query_metric_of(&y->counts, m);

	if (left != right)
		return left < right ? 1 : -1;
	if (x->counts.allocated_bytes != y->counts.allocated_bytes)
		return x->counts.allocated_bytes < y->counts.allocated_bytes
			       ? 1
			       : -1;
	return compare_places(x, y);
}

const struct query_combined *query_combiner_result(struct query_combiner *c,
						   size_t limit)
{
	struct query_combined *r = &c->result;

	if (r->count)
		qsort_r(c->rows, r->count, sizeof(*c->rows), compare_rows,
			&c->query.sort);
	r->rows = c->rows;
	r->total_rows = r->count;
	if (limit && r->count > limit)
		r->count = limit;
	r->quality.gaps = c->gaps;
	r->quality.notes = c->notes;
	return r;
}
