/*
 * reader - see reader.h.
 *
 * Totals come from the last checkpoint, whole or made up of several. When the
 * trace has no end in order, the events behind it are added: decoding begins
 * at the last block before it where it may begin.
 */
#include "trace/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/blocks.h"
#include "trace/catalog.h"
#include "trace/checkpoint.h"
#include "trace/decoder.h"
#include "trace/replay.h"
#include "trace/run.h"
#include "trace/xmalloc.h"

struct trace {
	struct blocks blocks;
	struct blocks_loader loader;
	struct catalog catalog;
	struct trace_run run;
	struct model_quality quality;
	struct checkpoint_sites sums; /* arrays owned */
	struct checkpoint at; /* what `sums` are for */
	size_t at_block; /* behind the checkpoint that `at` is of */
	struct model_peak peaks[MODEL_KINDS];
	bool lies; /* a block with a good checksum makes no sense */
	bool ended; /* has its last block, and that is */
	bool totals_are_final;
	char problem[256];
};

static bool has_type(const struct trace *t, size_t block,
		     enum format_block_type type)
{
	return t->blocks.list[block].head.type == type;
}

static int read_run(struct trace *t, const char *path, struct err *err)
{
	const uint8_t *payload = NULL;
	const struct blocks *b = &t->blocks;

	if (b->count && has_type(t, 0, FORMAT_RUN))
		payload = blocks_load(b, 0, &t->loader);
	if (payload && run_read(payload, b->list[0].head.raw, &t->run))
		return 0;
	return err_set(err, "'%s' is %s: nothing in it can be read", path,
		       b->cut || !b->size ? "cut" : "damaged");
}

static void read_end(struct trace *t, const uint8_t *payload, size_t size)
{
	struct checkpoint at;

	if (!run_read_end(payload, size, &t->run, &at)) {
		t->lies = true;
		return;
	}
	t->ended = true;
	t->quality = at.quality;
	t->run.events = at.events;
}

static void read_tables(struct trace *t)
{
	const struct blocks *b = &t->blocks;

	catalog_init(&t->catalog, b->size);
	for (size_t i = 1; i < b->count; i++) {
		const struct format_block *head = &b->list[i].head;
		const uint8_t *payload;

		if (head->type == FORMAT_EVENTS ||
		    head->type == FORMAT_CHECKPOINT)
			continue;
		payload = blocks_load(b, i, &t->loader);
		if (!payload ||
		    !catalog_read(&t->catalog, head->type, payload, head->raw))
			t->lies = true;
		else if (head->type == FORMAT_END)
			read_end(t, payload, head->raw);
	}
}

static void make_sums(struct trace *t)
{
	size_t n = t->catalog.site_count;

	t->sums = (struct checkpoint_sites){
		.sites = t->catalog.sites,
		.stats = xcalloc(n, sizeof(*t->sums.stats)),
		.epochs = xcalloc(n, sizeof(*t->sums.epochs)),
		.dead = xcalloc(n, sizeof(*t->sums.dead)),
		.count = n,
	};
}

/* Reads checkpoints from block `first` on, the later over the earlier. */
static void read_checkpoints(struct trace *t, size_t first)
{
	for (size_t i = first; i < t->blocks.count; i++) {
		struct checkpoint at;
		const uint8_t *payload;

		if (!has_type(t, i, FORMAT_CHECKPOINT))
			continue;
		payload = blocks_load(&t->blocks, i, &t->loader);
		if (!payload ||
		    !checkpoint_read(payload, t->blocks.list[i].head.raw, &at,
				     &t->sums)) {
			t->lies = true;
			continue;
		}
		t->at = at;
		t->at_block = i + 1;
	}
}

/* The block of the last checkpoint with every site, else of the first. */
static size_t find_whole(struct trace *t)
{
	for (size_t i = t->blocks.count; i-- > 1;)
		if (has_type(t, i, FORMAT_CHECKPOINT) &&
		    t->blocks.list[i].head.flags & FORMAT_WHOLE)
			return i;
	return 1;
}

/* Is the end behind a checkpoint that holds everything? */
static bool is_final(const struct trace *t)
{
	size_t n = t->blocks.count;

	return t->ended && t->at_block + 1 == n &&
	       has_type(t, n - 1, FORMAT_END);
}

/* Where to begin to decode so that events behind `block` come out. */
static size_t find_fresh(const struct trace *t, size_t block)
{
	while (block-- > 1)
		if (has_type(t, block, FORMAT_EVENTS) &&
		    t->blocks.list[block].head.flags & FORMAT_FRESH)
			return block;
	return 1;
}

/* Adds the events of one block. False when the next can not be added. */
static bool replay_block(struct trace *t, struct replay *r, struct decoder *d,
			 size_t block)
{
	const struct format_block *head = &t->blocks.list[block].head;
	const uint8_t *payload = blocks_load(&t->blocks, block, &t->loader);
	struct model_event e;
	int got;

	if (!payload ||
	    !decoder_open(d, payload, head->raw, head->flags & FORMAT_FRESH)) {
		t->lies |= !payload || d->started;
		return !d->started;
	}
	/* A block of events is missing. */
	if (d->event > t->at.events)
		return false;
	while ((got = decoder_next(d, &e)) > 0) {
		if (d->event <= t->at.events)
			continue;
		if (!replay_event(r, &e)) {
			got = -1;
			break;
		}
		t->at.events = d->event;
		t->at.blocks = d->blocks;
		t->at.time = d->time;
	}
	t->lies |= got < 0;
	return !got;
}

static void replay_events(struct trace *t)
{
	struct decoder d;
	struct replay r;

	replay_init(&r, &t->catalog, &t->sums, &t->at);
	decoder_init(&d, t->catalog.sites, t->catalog.site_count,
		     t->catalog.process_count);
	for (size_t i = find_fresh(t, t->at_block); i < t->blocks.count; i++)
		if (has_type(t, i, FORMAT_EVENTS) &&
		    !replay_block(t, &r, &d, i))
			break;
	replay_finish(&r, &t->sums, &t->at);
	decoder_release(&d);
	replay_release(&r);
}

/* Is the sum of what sites have a number that others can work with? */
static bool sums_fit(const struct trace *t)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->sums.count; i++) {
		const struct model_stats *s = &t->sums.stats[i];
		uint64_t begun, one;

		if (__builtin_add_overflow(s->allocs, s->moved_in, &begun) ||
		    __builtin_add_overflow(begun, s->bytes, &one) ||
		    __builtin_add_overflow(one, s->peak_blocks, &one) ||
		    __builtin_add_overflow(one, s->peak_bytes, &one) ||
		    __builtin_add_overflow(sum, one, &sum))
			return false;
	}
	return sum <= INT64_MAX;
}

/* Shares in the peak of sites that did not change since it. */
static void settle_peaks(struct trace *t)
{
	for (size_t i = 0; i < t->sums.count; i++) {
		struct model_stats *s = &t->sums.stats[i];
		enum model_kind kind = t->catalog.sites[i].kind;

		if (t->sums.epochs[i] == t->at.total[kind].epoch)
			continue;
		s->peak_blocks = t->sums.dead[i] ? 0 : model_live_blocks(s);
		s->peak_bytes = t->sums.dead[i] ? 0 : model_live_bytes(s);
	}
	for (size_t i = 0; i < MODEL_KINDS; i++)
		t->peaks[i] = t->at.total[i].peak;
}

static void sum_up(struct trace *t)
{
	make_sums(t);
	t->at_block = 1;
	read_checkpoints(t, find_whole(t));
	t->totals_are_final = is_final(t);
	if (!t->totals_are_final)
		replay_events(t);
	settle_peaks(t);
	if (!sums_fit(t)) {
		memset(t->sums.stats, 0,
		       t->sums.count * sizeof(*t->sums.stats));
		t->lies = true;
	}
	if (t->ended)
		return;
	t->quality = t->at.quality;
	t->run.events = t->at.events;
	t->run.duration = t->at.time;
}

static void say_problem(struct trace *t)
{
	double until = (double)t->at.time / 1e9;
	struct model_quality *q = &t->quality;

	q->finished = t->ended;
	q->damaged = t->blocks.damaged || t->lies;
	q->good_until = t->totals_are_final ? t->run.duration : t->at.time;
	if (q->damaged && t->totals_are_final)
		snprintf(t->problem, sizeof(t->problem),
			 "damaged: some of it can not be read; its totals can");
	else if (q->damaged)
		snprintf(t->problem, sizeof(t->problem),
			 "damaged: nothing after %.1f s can be read", until);
	else if (!q->finished)
		snprintf(t->problem, sizeof(t->problem),
			 "cut after %.1f s: the recording did not come to its "
			 "end",
			 until);
	else if (!t->totals_are_final)
		snprintf(t->problem, sizeof(t->problem),
			 "cut after %.1f s: it could not be written further",
			 until);
}

struct trace *trace_open(const char *path, struct err *err)
{
	struct trace *t = xcalloc(1, sizeof(*t));

	t->run.status = -1;
	if (blocks_open(&t->blocks, path, err) < 0) {
		free(t);
		return NULL;
	}
	if (read_run(t, path, err) < 0) {
		trace_close(t);
		return NULL;
	}
	read_tables(t);
	t->lies |= !catalog_finish(&t->catalog);
	t->run.pid = t->catalog.pid;
	t->run.file_size = t->blocks.size;
	sum_up(t);
	say_problem(t);
	blocks_loader_release(&t->loader);
	return t;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	blocks_close(&t->blocks);
	blocks_loader_release(&t->loader);
	catalog_release(&t->catalog);
	run_release(&t->run);
	free(t->sums.stats);
	free(t->sums.epochs);
	free(t->sums.dead);
	free(t);
}

const char *trace_problem(const struct trace *t)
{
	return t->problem[0] ? t->problem : NULL;
}

const struct trace_run *trace_run(const struct trace *t)
{
	return &t->run;
}

const struct model_quality *trace_quality(const struct trace *t)
{
	return &t->quality;
}

const struct model_peak *trace_peak(const struct trace *t, enum model_kind k)
{
	return &t->peaks[k];
}

const struct model_process *trace_processes(const struct trace *t, size_t *n)
{
	*n = t->catalog.process_count;
	return t->catalog.processes;
}

const struct model_thread *trace_threads(const struct trace *t, size_t *n)
{
	*n = t->catalog.thread_count;
	return t->catalog.threads;
}

const struct model_module *trace_modules(const struct trace *t, size_t *n)
{
	*n = t->catalog.module_count;
	return t->catalog.modules;
}

const struct model_frame *trace_frames(const struct trace *t, size_t *n)
{
	*n = t->catalog.frame_count;
	return t->catalog.frames;
}

const struct model_node *trace_nodes(const struct trace *t, size_t *n)
{
	*n = t->catalog.node_count;
	return t->catalog.nodes;
}

const struct model_site *trace_sites(const struct trace *t, size_t *n)
{
	*n = t->catalog.site_count;
	return t->catalog.sites;
}

const struct model_stats *trace_stats(const struct trace *t)
{
	return t->sums.stats;
}

struct trace_events {
	const struct trace *trace; /* borrowed */
	struct blocks_loader loader;
	struct decoder decoder;
	size_t next_block;
	uint64_t events; /* given */
};

struct trace_events *trace_events_open(const struct trace *t)
{
	struct trace_events *e = xcalloc(1, sizeof(*e));

	e->trace = t;
	decoder_init(&e->decoder, t->catalog.sites, t->catalog.site_count,
		     t->catalog.process_count);
	return e;
}

/* Opens the next block of events: 1, 0 when there is none, -1. */
static int open_block(struct trace_events *e, struct err *err)
{
	const struct trace *t = e->trace;
	const struct format_block *head;
	const uint8_t *payload;

	while (e->next_block < t->blocks.count &&
	       !has_type(t, e->next_block, FORMAT_EVENTS))
		e->next_block++;
	if (e->next_block == t->blocks.count)
		return 0;
	head = &t->blocks.list[e->next_block].head;
	payload = blocks_load(&t->blocks, e->next_block++, &e->loader);
	if (!payload || !decoder_open(&e->decoder, payload, head->raw,
				      head->flags & FORMAT_FRESH))
		return err_set(err, "a block of events is damaged");
	if (e->decoder.event != e->events)
		return err_set(err,
			       "events %" PRIu64 " to %" PRIu64 " are missing",
			       e->events, e->decoder.event);
	return 1;
}

int trace_events_next(struct trace_events *e, struct model_event *event,
		      struct err *err)
{
	for (;;) {
		int got = decoder_next(&e->decoder, event);

		if (got > 0)
			e->events++;
		if (got < 0)
			err_set(err, "a block of events is damaged");
		if (got)
			return got;
		got = open_block(e, err);
		if (got <= 0)
			return got;
	}
}

void trace_events_close(struct trace_events *e)
{
	if (!e)
		return;
	blocks_loader_release(&e->loader);
	decoder_release(&e->decoder);
	free(e);
}
