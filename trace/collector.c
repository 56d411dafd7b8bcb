/*
 * collector - see collector.h.
 *
 * A pass
 * ------
 * Records that were stamped some microseconds before the pass began are all
 * there, but for those whose writing was under way: a thread says in `open`
 * that it is writing one, and the pass then takes nothing of that process that
 * is later. The pairing of frees does not depend on it, only how exactly the
 * threads' events are put in order, so who keeps a record open for long (it
 * may have been stopped) is not waited for.
 *
 * What is encoded goes to the file when a block is full, and once a second, so
 * that little is lost with a collector that is killed. Behind a mark it goes
 * there at once, but not more than some dozens of times a second: who sets a
 * mark may ask the trace about it next, as a test that has a limit does.
 */
#include "trace/collector.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trace/book.h"
#include "trace/bound.h"
#include "trace/census.h"
#include "trace/checkpoint.h"
#include "trace/clock.h"
#include "trace/copies.h"
#include "trace/format.h"
#include "trace/lookout.h"
#include "trace/marks.h"
#include "trace/merge.h"
#include "trace/pool.h"
#include "trace/procfs.h"
#include "trace/pulse.h"
#include "trace/run.h"
#include "trace/balance.h"
#include "trace/samples.h"
#include "trace/stamp.h"
#include "trace/tables.h"
#include "trace/writer.h"
#include "trace/xmalloc.h"

enum {
	SLACK = 16384, /* cycles: what reordering and store buffers may take */
	OPEN_PATIENCE = 5000000, /* cycles, 1 to 5 ms */
	PASS_BYTES = 1 << 20, /* of records, then the heart beats again */
	FLUSH_EVERY = 1000000000, /* ns */
	FLUSH_MARKS_EVERY = 20000000, /* ns */
	CHECKPOINT_SHARE = 12, /* of the events' bytes, one in so many */
	CHECKPOINT_HEAD_BYTES = 256,
	CHECKPOINT_TRY_EVERY = 8, /* blocks of events, to know what it takes */
	FRESH_EVERY = 8, /* blocks of events until guesses begin anew; */
	FRESH_SHARE = 12, /* what is live then takes one byte in so many */
	FRESH_BLOCK_BYTES = 2, /* that one live block takes, about */
};

struct collector {
	struct pool pool;
	struct pulse pulse; /* of the ring in the pool */
	struct clock clock;
	struct book book;
	struct census census;
	struct merge merge;
	struct writer writer;
	struct bound bound;
	struct tables tables;
	struct samples samples;
	struct balance balance;
	struct copies copies;
	struct lookout lookout;
	struct err failure; /* of the writer */
	bool failed; /* the file can not be written any more */
	bool reported; /* and the caller knows it */
	bool finished;
	uint64_t flush_every, next_flush, last_flush; /* ns */
	uint64_t event_bytes; /* written since the last checkpoint */
	double site_bytes; /* that a site takes in one */
	unsigned int untried; /* blocks of events since that was known; */
	bool is_tried; /* it was, ever */
	unsigned int blocks; /* of events, since guesses began anew, */
	uint64_t fresh_bytes; /* and what they took */
	uint64_t lost; /* events that could not be written */
	int status;
	uint64_t duration;
};

/* Keeps the first reason why the file can not be written. */
static void fail(struct collector *c, const struct err *err)
{
	if (c->failed)
		return;
	c->failed = true;
	c->failure = *err;
}

/* Nobody knows what a site takes that has not been compressed. */
static void try_checkpoint(struct collector *c)
{
	struct column columns[CHECKPOINT_COLUMNS] = { 0 };
	size_t count = c->book.sites.touched_count;

	if (!count || (c->is_tried && ++c->untried < CHECKPOINT_TRY_EVERY))
		return;
	checkpoint_try(&c->book.sites, columns);
	c->site_bytes = (double)writer_measure(&c->writer, columns,
					       CHECKPOINT_COLUMNS) /
			(double)count;
	columns_release(columns, CHECKPOINT_COLUMNS);
	c->untried = 0;
	c->is_tried = true;
}

/* About how large a checkpoint would be now. */
static uint64_t checkpoint_size(struct collector *c)
{
	try_checkpoint(c);
	return CHECKPOINT_HEAD_BYTES +
	       (uint64_t)((double)c->book.sites.touched_count * c->site_bytes);
}

static bool checkpoint_is_due(struct collector *c)
{
	return c->event_bytes >= CHECKPOINT_HEAD_BYTES * CHECKPOINT_SHARE &&
	       c->event_bytes >= checkpoint_size(c) * CHECKPOINT_SHARE;
}

/* May decoding begin at the next block of events? It lists what is live. */
static bool fresh_is_due(const struct collector *c)
{
	uint64_t live = c->book.encoder.order.live * FRESH_BLOCK_BYTES;

	return c->blocks >= FRESH_EVERY && c->fresh_bytes >= live * FRESH_SHARE;
}

static void begin_events(struct collector *c, bool fresh)
{
	encoder_next(&c->book.encoder, fresh);
	if (!fresh)
		return;
	book_list_live(&c->book);
	c->blocks = 0;
	c->fresh_bytes = 0;
}

/* True when a checkpoint is due. */
static bool write_events(struct collector *c)
{
	struct encoder *e = &c->book.encoder;
	uint64_t before = c->writer.offset;
	bool due;
	struct err err;

	if (!encoder_pending(e))
		return false;
	encoder_close(e);
	c->writer.flags = e->fresh ? FORMAT_FRESH : 0;
	if (!c->failed && writer_block(&c->writer, FORMAT_EVENTS, e->columns,
				       EVENTS_COLUMNS, &err) < 0)
		fail(c, &err);
	if (c->failed)
		c->lost += encoder_pending(e);
	c->event_bytes += c->writer.offset - before;
	c->fresh_bytes += c->writer.offset - before;
	c->blocks++;
	due = checkpoint_is_due(c);
	begin_events(c, fresh_is_due(c));
	return due;
}

static void get_state(const struct collector *c, struct checkpoint *at)
{
	*at = (struct checkpoint){ .events = c->book.encoder.events,
				   .blocks =
					   encoder_next_block(&c->book.encoder),
				   .time = c->book.encoder.time };
	memcpy(at->total, c->book.sites.total, sizeof(at->total));
	census_quality(&c->census, &at->quality);
	at->quality.lost_events += c->lost;
}

static void write_checkpoint(struct collector *c, bool whole)
{
	struct column columns[CHECKPOINT_COLUMNS] = { 0 };
	size_t sites =
		whole ? c->book.sites.count : c->book.sites.touched_count;
	uint64_t before = c->writer.offset;
	struct checkpoint at;
	struct err err;

	/* What little there may be room for would say that nothing is missing. */
	if (c->failed)
		return;
	get_state(c, &at);
	at.whole = whole;
	checkpoint_write(&c->book.sites, &at, columns);
	c->writer.flags = whole ? FORMAT_WHOLE : 0;
	if (writer_block(&c->writer, FORMAT_CHECKPOINT, columns,
			 CHECKPOINT_COLUMNS, &err) < 0)
		fail(c, &err);
	columns_release(columns, CHECKPOINT_COLUMNS);
	c->event_bytes = 0;
	c->untried = 0;
	if (sites)
		c->site_bytes =
			(double)(c->writer.offset - before) / (double)sites;
	if (whole)
		c->bound.whole_size = c->writer.offset - before;
}

static void write_tables(struct collector *c)
{
	struct err err;

	if (!c->failed &&
	    (tables_write(&c->tables, &c->book, &c->writer, &err) < 0 ||
	     marks_write(&c->book.marks, &c->writer, &err) < 0 ||
	     samples_write(&c->samples, &c->writer, &err) < 0 ||
	     balance_write(&c->balance, &c->writer, &err) < 0 ||
	     gc_write(&c->book.gc, c->bound.most, &c->writer, &err) < 0))
		fail(c, &err);
}

/* All events that there are have been written: begins a segment. */
static void add_segment(struct collector *c)
{
	bound_add_segment(&c->bound, &c->writer);
	write_checkpoint(c, true);
	begin_events(c, true);
}

static void forget_written(struct collector *c)
{
	c->tables = (struct tables){ .frames = 1,
				     .nodes = 1,
				     .run_changed = true,
				     .pid = c->census.pid };
	c->book.marks.written = 0;
	c->book.gc.written = 0;
	c->samples.written = 0;
	c->balance.written = 0;
	c->copies.leaks.written = 0;
	c->copies.objects.written = 0;
}

static void write_folded(struct collector *c)
{
	struct column column = { 0 };
	struct err err;

	column_put(&column, c->bound.most);
	if (writer_block(&c->writer, FORMAT_FOLDED, &column, 1, &err) < 0)
		fail(c, &err);
	column_release(&column);
}

/* Leaves the oldest events out. */
static void fold(struct collector *c)
{
	struct err err;

	if (c->failed || bound_start(&c->bound, &c->writer, &err) < 0) {
		fail(c, &err);
		return;
	}
	write_folded(c);
	forget_written(c);
	write_tables(c);
	if (!bound_keep(&c->bound, &c->writer, &err))
		add_segment(c);
	if (bound_finish(&c->bound, &c->writer, &err) < 0)
		fail(c, &err);
}

/* Between two blocks of events. */
static void keep_bound(struct collector *c)
{
	if (c->failed || !c->bound.most)
		return;
	if (bound_wants_segment(&c->bound, &c->writer))
		add_segment(c);
	if (bound_is_reached(&c->bound, &c->writer))
		fold(c);
}

/* What was found in copies. */
static void write_found(struct collector *c)
{
	struct err err;

	if (!c->failed &&
	    (leaks_write(&c->copies.leaks, &c->writer, &err) < 0 ||
	     objects_write(&c->copies.objects, &c->writer, &err) < 0))
		fail(c, &err);
}

/* Writes all that is known by now. */
static void flush(void *context)
{
	struct collector *c = context;
	bool due;

	write_tables(c);
	due = write_events(c);
	if (due)
		write_checkpoint(c, false);
	/* Behind the sites that they are of. */
	write_found(c);
	keep_bound(c);
	pulse_beat(&c->pulse);
	c->last_flush = c->clock.last.ns;
	c->next_flush = c->last_flush + c->flush_every;
}

static bool flush_is_due(const struct collector *c)
{
	const struct marks *marks = &c->book.marks;
	uint64_t now = c->clock.last.ns;

	return now >= c->next_flush ||
	       c->copies.leaks.written < c->copies.leaks.count ||
	       (marks->written < marks->count &&
		now - c->last_flush >= FLUSH_MARKS_EVERY);
}

static void pass_on(void *collector);

static void take_copy(void *context, struct process *p,
		      const struct ring_copy *copy)
{
	struct collector *c = context;
	const struct census *s = &c->census;
	/* One that has ended before it was looked at leaves a copy as well. */
	bool is_near =
		p->visible || procfs_maps_file(copy->pid, s->device, s->inode);

	copies_take(&c->copies, &c->book, p, copy, is_near);
}

static int start_file(struct collector *c, const struct collector_options *o,
		      struct err *err)
{
	struct column columns[RUN_COLUMNS] = { 0 };
	int ret;

	if (writer_open(&c->writer, o->fd, err) < 0)
		return -1;
	c->writer.lists = o->max_size;
	c->bound.most = o->max_size;
	c->bound.path = o->path;
	if (o->max_size && o->max_size / BOUND_BLOCK_SHARE < c->book.most)
		c->book.most = o->max_size / BOUND_BLOCK_SHARE;
	run_write(o->argc, o->argv, o->sample, o->redact, columns);
	ret = writer_block(&c->writer, FORMAT_RUN, columns, RUN_COLUMNS, err);
	columns_release(columns, RUN_COLUMNS);
	if (o->max_size)
		bound_add_segment(&c->bound, &c->writer);
	return ret;
}

static void start_off(struct collector *c)
{
	atomic_store(&c->pool.ring->header.recording, RING_RECORDING_NOT_YET);
	book_mark(&c->book, &(struct model_mark){ .kind = MODEL_MARK_STOPPED,
						  .source = MODEL_MARK_COMMAND,
						  .name = "",
						  .process = MODEL_NONE });
}

struct collector *collector_create(const struct collector_options *o,
				   struct err *err)
{
	struct collector *c = xcalloc(1, sizeof(*c));

	c->status = -1;
	c->flush_every = o->flush_every ? o->flush_every : FLUSH_EVERY;
	c->pool.fd = -1;
	c->tables = (struct tables){ .frames = 1, .nodes = 1 };
	clock_start(&c->clock);
	book_init(&c->book);
	c->book.full = flush;
	c->book.copied = take_copy;
	c->book.context = c;
	c->book.sites.sample = o->sample;
	if (start_file(c, o, err) < 0 ||
	    pool_create(&c->pool,
			&(struct pool_options){ .flags = o->ring_flags,
						.verify = o->verify,
						.sample = o->sample,
						.fd = o->ring_fd },
			err) < 0) {
		collector_destroy(c);
		return NULL;
	}
	c->copies.ring = c->pool.ring;
	c->copies.wanted = o->ring_flags & RING_LEAKS;
	c->copies.way = o->way;
	c->copies.strict = o->strict_roots;
	c->lookout = (struct lookout){ .book = &c->book,
				       .census = &c->census,
				       .copies = &c->copies,
				       .clock = &c->clock,
				       .pass = pass_on,
				       .collector = c,
				       .is_looked_at = o->is_looked_at,
				       .context = o->context };
	pulse_init(&c->pulse, &c->pool.ring->header.heartbeat);
	c->writer.pulse = &c->pulse;
	if (o->start_off)
		start_off(c);
	census_init(&c->census, &c->book, &c->pool, &c->clock,
		    o->argc ? o->argv[0] : NULL);
	return c;
}

int collector_ring_fd(const struct collector *c)
{
	return c->pool.fd;
}

uint64_t collector_nonce(const struct collector *c)
{
	return c->pool.nonce;
}

void collector_set_pid(struct collector *c, int32_t pid)
{
	c->census.pid = pid;
	c->tables.pid = pid;
	c->tables.run_changed = true;
}

/*
 * Up to which stamp the records of each process are taken in this pass: all of
 * them, when it has ended.
 */
static void set_limits(struct collector *c, uint64_t now)
{
	const struct census *s = &c->census;

	for (size_t i = 0; i < s->alive_count; i++) {
		struct process *p = s->alive[i];

		p->pending = 0;
		p->merge_limit =
			p->known_gone || p->stands ? UINT64_MAX : now - SLACK;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct ring_thread *r =
			&c->pool.ring->thread[s->threads[i]->slot];
		struct process *p = s->threads[i]->process;
		/* Acquire: 0 means that its last record is committed. */
		uint64_t open =
			atomic_load_explicit(&r->open, memory_order_acquire);

		if (open && open < p->merge_limit && !p->known_gone &&
		    !p->stands && now - open < OPEN_PATIENCE)
			p->merge_limit = open;
	}
}

static void lift_limits(struct collector *c)
{
	for (size_t i = 0; i < c->census.alive_count; i++) {
		c->census.alive[i]->pending = 0;
		c->census.alive[i]->merge_limit = UINT64_MAX;
	}
}

/* Processes that ended with nothing left to read: before all that follows. */
static void end_drained(struct collector *c)
{
	for (size_t i = 0; i < c->census.alive_count; i++) {
		struct process *p = c->census.alive[i];

		if (p->known_gone && !p->pending && !p->ended)
			book_exit(&c->book, p, c->clock.last.ns);
	}
}

/* What follows a record that lies is given back unread. */
static void skip_broken(struct collector *c)
{
	for (size_t i = 0; i < c->census.count; i++) {
		struct thread *t = c->census.threads[i];

		if (!t->stream.broken)
			continue;
		c->book.quality.lost_events += !t->counted;
		t->counted = true;
		stream_skip(&t->stream, &c->pool);
	}
}

static uint64_t pass(struct collector *c, bool last)
{
	uint64_t now = pulse_beat(&c->pulse);
	uint64_t taken;

	clock_look(&c->clock);
	census_look(&c->census);
	if (last)
		lift_limits(c);
	else
		set_limits(c, now);
	merge_start(&c->merge, now);
	for (size_t i = 0; i < c->census.count; i++)
		merge_add(&c->merge, c->census.threads[i], &c->pool);
	end_drained(c);
	taken = merge_run(&c->merge, &c->book, &c->pool, &c->clock, PASS_BYTES);
	skip_broken(c);
	pool_make_room(&c->pool);
	return taken;
}

static void pass_on(void *collector)
{
	pass(collector, false);
}

static void put_mark(struct collector *c, const struct model_mark *mark)
{
	int tries = RING_QUEUE_LIMIT;

	/* Somebody may go on writing: some of it is late enough. */
	while (pass(c, false) >= PASS_BYTES && tries)
		tries--;
	book_time(&c->book, c->clock.last.ns);
	book_mark(&c->book, mark);
}

void collector_mark(struct collector *c, const char *name,
		    enum model_mark_source source)
{
	put_mark(c, &(struct model_mark){ .source = source,
					  .name = name,
					  .process = MODEL_NONE });
}

void collector_record(struct collector *c, bool on,
		      enum model_mark_source source)
{
	_Atomic uint32_t *word = &c->pool.ring->header.recording;
	const struct model_mark mark = { .kind = on ? MODEL_MARK_STARTED
						    : MODEL_MARK_STOPPED,
					 .source = source,
					 .name = "",
					 .process = MODEL_NONE };

	if (collector_is_recording(c) == on)
		return;
	if (!on)
		atomic_store(word, RING_RECORDING_OFF);
	put_mark(c, &mark);
	if (on)
		atomic_store(word, RING_RECORDING_ON);
}

bool collector_is_recording(const struct collector *c)
{
	return atomic_load(&c->pool.ring->header.recording) ==
	       RING_RECORDING_ON;
}

int collector_leaks(struct collector *c, int32_t pid, char *name,
		    struct err *err)
{
	return lookout_ask(&c->lookout, pid, name, err);
}

bool collector_is_looking(const struct collector *c)
{
	return lookout_is_busy(&c->lookout) && !c->failed;
}

int64_t collector_poll(struct collector *c, struct err *err)
{
	uint64_t taken, ns;

	/*
	 * Not before: where threads share a table of descriptors, it takes 16
	 * ms to make the table larger, as launching a program does.
	 */
	pulse_start(&c->pulse);
	taken = pass(c, false);
	ns = c->clock.last.ns;

	copies_stop(&c->copies, &c->book, c->census.alive,
		    c->census.alive_count);
	copies_look(&c->copies);
	lookout_look(&c->lookout);
	census_part(&c->census);
	census_sweep(&c->census, ns);
	samples_take(&c->samples, &c->book, ns);
	balance_take(&c->balance, &c->samples, &c->book, ns);
	if (flush_is_due(c))
		flush(c);
	if (!c->failed || c->reported)
		return (int64_t)taken;
	c->reported = true;
	*err = c->failure;
	return -1;
}

bool collector_saw_agent(const struct collector *c)
{
	return c->book.process_count > 0;
}

size_t collector_live_processes(struct collector *c)
{
	return census_live_processes(&c->census);
}

static void write_end(struct collector *c)
{
	struct column columns[RUN_END_COLUMNS] = { 0 };
	struct checkpoint at;
	struct err err;

	get_state(c, &at);
	run_write_end(c->duration, c->status, &at, columns);
	if (writer_last_block(&c->writer, FORMAT_END, columns, RUN_END_COLUMNS,
			      &err) < 0 ||
	    writer_finish(&c->writer, &err) < 0)
		fail(c, &err);
	columns_release(columns, RUN_END_COLUMNS);
}

/* Takes all that is left, unless somebody goes on writing. */
static void drain(struct collector *c)
{
	uint64_t most = sizeof(struct ring);
	uint64_t sum = 0, taken;

	do {
		taken = pass(c, true);
		sum += taken;
	} while (taken && sum < most);
}

/* Alive, or a copy would think that nobody wants it any more. */
static void await_copies(struct collector *c)
{
	const struct timespec nap = { .tv_nsec = 500000 };

	for (copies_look(&c->copies); copies_are_read(&c->copies);
	     copies_look(&c->copies)) {
		pulse_beat(&c->pulse);
		nanosleep(&nap, NULL);
	}
}

int collector_finish(struct collector *c, int status, struct err *err)
{
	drain(c);
	c->duration = clock_now(&c->clock);
	await_copies(c);
	copies_finish(&c->copies, &c->book, status);
	pulse_stop(&c->pulse);
	/* Agents that are left then record no more. */
	atomic_store(&c->pool.ring->header.heartbeat, 0);
	c->finished = true;
	c->status = status;
	/* Stamps are turned into times with an error, however small. */
	if (c->duration < c->book.encoder.time)
		c->duration = c->book.encoder.time;
	census_finish(&c->census, c->duration);
	samples_finish(&c->samples, &c->book, c->duration);
	write_tables(c);
	write_events(c);
	if (c->bound.most && bound_is_reached(&c->bound, &c->writer))
		fold(c);
	write_found(c);
	write_checkpoint(c, true);
	write_end(c);
	if (!c->failed)
		return 0;
	*err = c->failure;
	return -1;
}

void collector_summary(const struct collector *c, struct collector_summary *s)
{
	const struct sites *sites = &c->book.sites;
	const struct sites_total *heap = &sites->total[MODEL_HEAP];
	struct checkpoint at;

	get_state(c, &at);
	*s = (struct collector_summary){ .peak = heap->peak,
					 .duration = c->duration,
					 .events = at.events,
					 .trace_bytes = c->writer.offset,
					 .is_too_large = c->bound.most &&
							 c->writer.offset >
								 c->bound.most,
					 .quality = at.quality };
	s->quality.finished = !c->failed;
	for (size_t i = 0; i < sites->count; i++) {
		const struct model_stats *stats = &sites->list[i].stats;

		if (sites->list[i].key.kind != MODEL_HEAP)
			continue;
		s->allocations += stats->allocs;
		s->allocated_bytes += stats->bytes;
		s->frees += stats->frees;
		s->live_blocks += model_live_blocks(stats);
		s->live_bytes += model_live_bytes(stats);
	}
}

void collector_destroy(struct collector *c)
{
	if (!c)
		return;
	pulse_stop(&c->pulse);
	merge_release(&c->merge);
	census_release(&c->census);
	book_release(&c->book);
	samples_release(&c->samples);
	balance_release(&c->balance);
	copies_release(&c->copies);
	writer_close(&c->writer);
	bound_release(&c->bound);
	pool_destroy(&c->pool);
	free(c);
}
