/*
 * reader - see reader.h.
 *
 * Totals come from the last checkpoint, whole or made up of several. When the
 * trace has no end in order, the events behind it are added: decoding begins
 * at the last block before it where it may begin.
 */
#include "trace/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/replay.h"
#include "trace/run.h"
#include "trace/walk.h"
#include "trace/xmalloc.h"

static int read_run(struct trace *t, const char *path, struct err *err)
{
	const uint8_t *payload = NULL;
	const struct blocks *b = &t->blocks;

	if (b->count && trace_has_type(t, 0, FORMAT_RUN))
		payload = blocks_load(b, 0, &t->loader);
	if (payload && run_read(payload, b->list[0].head.raw, &t->run))
		return 0;
	return err_set(err, "'%s' is %s: nothing in it can be read", path,
		       b->live		    ? "still being written"
		       : b->cut || !b->size ? "cut"
					    : "damaged");
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

/* A block of what is no table. False when it lies. */
static bool read_folded(struct trace *t, const uint8_t *payload, size_t size)
{
	struct cursor c;

	if (!cursors_open(&c, 1, payload, size))
		return false;
	t->run.max_size = cursor_get(&c);
	return !c.bad && t->run.max_size;
}

static bool read_more(struct trace *t, const struct format_block *head,
		      const uint8_t *payload)
{
	uint64_t *budget = &t->catalog.budget;

	switch (head->type) {
	case FORMAT_END:
		read_end(t, payload, head->raw);
		return true;
	case FORMAT_MARKS:
		return marks_read(&t->marks, payload, head->raw, budget);
	case FORMAT_SAMPLES:
		return samples_read(&t->samples, payload, head->raw, budget);
	case FORMAT_BALANCE:
		return balance_read(&t->balance, payload, head->raw, budget);
	case FORMAT_GC:
		return gc_read(&t->gc, payload, head->raw, budget);
	case FORMAT_OBJECTS:
		return objects_read(&t->objects, payload, head->raw, budget);
	case FORMAT_LEAKS:
		return leaks_read(&t->leaks, payload, head->raw, budget);
	case FORMAT_FOLDED:
		return read_folded(t, payload, head->raw);
	default:
		return true;
	}
}

/* Numbers of processes that are not there are not known. */
static void mend_marks(struct trace *t)
{
	for (size_t i = 0; i < t->marks.count; i++) {
		int32_t *process = &t->marks.list[i].process;

		if (*process < 0 ||
		    (size_t)*process >= t->catalog.process_count)
			*process = MODEL_NONE;
	}
}

/* Of a process and of sites that are there, and each process once a time. */
static bool leaks_are_possible(const struct trace *t, size_t i)
{
	const struct model_leaks *l = &t->leaks.list[i];

	if (l->process >= t->catalog.process_count)
		return false;
	for (size_t k = 0; k < i; k++)
		if (t->leaks.list[k].process == l->process &&
		    t->leaks.list[k].goes_on == l->goes_on &&
		    (!l->goes_on || t->leaks.list[k].time == l->time))
			return false;
	return !l->site_count ||
	       l->sites[l->site_count - 1].site < t->catalog.site_count;
}

static void check_leaks(struct trace *t)
{
	for (size_t i = 0; i < t->leaks.count; i++)
		if (!leaks_are_possible(t, i)) {
			t->lies = true;
			t->leaks.list[i].process = MODEL_NO_SITE;
			t->leaks.list[i].site_count = 0;
			t->leaks.list[i].root_count = 0;
		}
}

/* Runs of processes that are there, and of their sites. */
static void check_gc(struct trace *t)
{
	gc_finish(&t->gc);
	for (size_t i = 0; i < t->gc.count; i++) {
		struct model_gc *gc = &t->gc.list[i];

		if (gc->process < t->catalog.process_count &&
		    (!gc->site_count || gc->sites[gc->site_count - 1].site <
						t->catalog.site_count))
			continue;
		t->lies = true;
		gc->process = MODEL_NO_SITE;
		gc->site_count = 0;
	}
}

static bool objects_are_possible(const struct trace *t,
				 const struct model_objects *o)
{
	size_t sites = t->catalog.site_count;

	return o->process < t->catalog.process_count &&
	       (!o->object_count ||
		o->objects[o->object_count - 1].site < sites) &&
	       (!o->pin_count || o->pins[o->pin_count - 1].site < sites);
}

static void check_objects(struct trace *t)
{
	for (size_t i = 0; i < t->objects.count; i++) {
		struct model_objects *o = &t->objects.list[i];

		if (objects_are_possible(t, o))
			continue;
		t->lies = true;
		o->process = MODEL_NO_SITE;
		o->object_count = o->pin_count = 0;
	}
}

/* Where are the events that --max-size left? */
static void find_first(struct trace *t)
{
	struct checkpoint at = { 0 };
	struct tally tally;

	tally_init(&tally, &t->catalog);
	for (size_t i = 1; i < t->blocks.count; i++) {
		if (trace_has_type(t, i, FORMAT_EVENTS))
			break;
		if (!trace_has_type(t, i, FORMAT_CHECKPOINT) ||
		    !(t->blocks.list[i].head.flags & FORMAT_WHOLE))
			continue;
		if (tally_read(&tally, &t->blocks, i, &t->loader))
			at = tally.at;
		break;
	}
	t->run.first_event = at.events;
	t->run.first_time = at.time;
	tally_release(&tally);
}

static void read_tables(struct trace *t)
{
	const struct blocks *b = &t->blocks;

	catalog_init(&t->catalog, b->size);
	for (size_t i = 1; i < b->count; i++) {
		const struct format_block *head = &b->list[i].head;
		const uint8_t *payload;

		if (head->type == FORMAT_EVENTS ||
		    head->type == FORMAT_CHECKPOINT ||
		    head->type == FORMAT_SYMBOLS ||
		    head->type == FORMAT_SOURCES)
			continue;
		payload = blocks_load(b, i, &t->loader);
		if (!payload ||
		    !catalog_read(&t->catalog, head->type, payload, head->raw))
			t->lies = true;
		else if (!read_more(t, head, payload))
			t->lies = true;
	}
}

/* Reads checkpoints from block `first` on, the later over the earlier. */
static void read_checkpoints(struct trace *t, size_t first)
{
	for (size_t i = first; i < t->blocks.count; i++)
		if (trace_has_type(t, i, FORMAT_CHECKPOINT) &&
		    !tally_read(&t->sums, &t->blocks, i, &t->loader))
			t->lies = true;
}

/* The block of the last checkpoint with every site, else of the first. */
static size_t find_whole(struct trace *t)
{
	for (size_t i = t->blocks.count; i-- > 1;)
		if (trace_has_type(t, i, FORMAT_CHECKPOINT) &&
		    t->blocks.list[i].head.flags & FORMAT_WHOLE)
			return i;
	return 1;
}

/* Is the end behind a checkpoint that holds everything? */
static bool is_final(const struct trace *t)
{
	size_t n = t->blocks.count;

	/* Added later: what the frames are called. */
	while (n && (trace_has_type(t, n - 1, FORMAT_SYMBOLS) ||
		     trace_has_type(t, n - 1, FORMAT_SOURCES)))
		n--;
	/* Where the disk was full the last one may stand there by chance. */
	return t->ended && t->sums.block + 1 == n &&
	       trace_has_type(t, n - 1, FORMAT_END) &&
	       t->sums.at.events == t->run.events;
}

/* Adds the events behind the last checkpoint, as far as they are good. */
static void replay_events(struct trace *t)
{
	struct checkpoint *at = &t->sums.at;
	struct trace_events walk;
	struct model_event e;
	struct replay r;
	struct err err;
	int got;

	replay_init(&r, &t->catalog, t->run.sample);
	replay_load(&r, &t->sums);
	walk_start(&walk, t, t->sums.block, at->events);
	while ((got = trace_events_next(&walk, &e, &err)) > 0 &&
	       replay_event(&r, &e)) {
		at->events = walk.events;
		at->blocks = walk.decoder.blocks;
		at->time = walk.decoder.time;
	}
	t->lies |= got != 0;
	replay_finish(&r, &t->sums);
	walk_release(&walk);
	replay_release(&r);
}

static void sum_up(struct trace *t)
{
	tally_init(&t->sums, &t->catalog);
	read_checkpoints(t, find_whole(t));
	t->totals_are_final = is_final(t);
	if (!t->totals_are_final)
		replay_events(t);
	tally_settle(&t->sums);
	if (!tally_fits(&t->sums)) {
		memset(t->sums.sites.stats, 0,
		       t->sums.sites.count * sizeof(*t->sums.sites.stats));
		t->lies = true;
	}
	for (size_t i = 0; i < MODEL_KINDS; i++)
		t->peaks[i] = t->sums.at.total[i].peak;
	if (t->ended)
		return;
	t->quality = t->sums.at.quality;
	t->run.events = t->sums.at.events;
	t->run.duration = t->sums.at.time;
}

static void say_problem(struct trace *t)
{
	double until = (double)t->sums.at.time / 1e9;
	struct model_quality *q = &t->quality;

	q->finished = t->ended;
	q->damaged = t->blocks.damaged || t->lies;
	q->good_until = t->totals_are_final ? t->run.duration : t->sums.at.time;
	if (q->damaged && t->totals_are_final)
		snprintf(t->problem, sizeof(t->problem),
			 "damaged: some of it can not be read; its totals can");
	else if (q->damaged)
		snprintf(t->problem, sizeof(t->problem),
			 "damaged: nothing after %.1f s can be read", until);
	else if (t->run.is_live)
		snprintf(t->problem, sizeof(t->problem),
			 "still being written: its last event so far is "
			 "of %.1f s",
			 until);
	else if (!q->finished)
		snprintf(t->problem, sizeof(t->problem),
			 "cut after %.1f s: the recording did not come to its "
			 "end",
			 until);
	else if (!t->totals_are_final)
		snprintf(t->problem, sizeof(t->problem),
			 "cut after %.1f s: it could not be written further",
			 until);
	else if (t->blocks.cut)
		snprintf(t->problem, sizeof(t->problem),
			 "cut behind its end: its figures are whole, names of "
			 "functions and lines may be missing");
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
	mend_marks(t);
	check_leaks(t);
	check_gc(t);
	check_objects(t);
	if (t->run.max_size)
		find_first(t);
	t->run.pid = t->catalog.pid;
	t->run.file_size = t->blocks.size;
	t->run.is_live = t->blocks.live && !t->ended;
	sum_up(t);
	say_problem(t);
	blocks_loader_release(&t->loader);
	return t;
}

void trace_on_read(struct trace *t, bool (*stops)(void *arg), void *arg)
{
	t->stops = stops;
	t->stops_arg = arg;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	blocks_close(&t->blocks);
	blocks_loader_release(&t->loader);
	catalog_release(&t->catalog);
	marks_release(&t->marks);
	samples_release(&t->samples);
	balance_release(&t->balance);
	leaks_release(&t->leaks);
	gc_release(&t->gc);
	objects_release(&t->objects);
	run_release(&t->run);
	tally_release(&t->sums);
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

const struct model_code *trace_codes(const struct trace *t, size_t *n)
{
	*n = t->catalog.code_count;
	return t->catalog.codes;
}

const struct model_gc *trace_gc(const struct trace *t, size_t *n)
{
	*n = t->gc.count;
	return t->gc.list;
}

const struct model_objects *trace_objects(const struct trace *t, size_t *n)
{
	*n = t->objects.count;
	return t->objects.list;
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
	return t->sums.sites.stats;
}

const struct blocks *trace_blocks(const struct trace *t)
{
	return &t->blocks;
}

const struct model_balance *trace_balance(const struct trace *t, size_t *n)
{
	*n = t->balance.count;
	return t->balance.list;
}

const struct model_leaks *trace_leaks(const struct trace *t, size_t *n)
{
	*n = t->leaks.count;
	return t->leaks.list;
}

const struct model_mark *trace_marks(const struct trace *t, size_t *n)
{
	*n = t->marks.count;
	return t->marks.list;
}

const struct model_sample *trace_samples(const struct trace *t, size_t *n,
					 const struct model_usage **usage)
{
	*n = t->samples.count;
	*usage = t->samples.usage;
	return t->samples.list;
}
