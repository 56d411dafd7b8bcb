/*
 * walk - see walk.h and reader.h.
 */
#include "trace/walk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "trace/xmalloc.h"

static size_t next_events(const struct trace *t, size_t block)
{
	while (block < t->blocks.count &&
	       !trace_has_type(t, block, FORMAT_EVENTS))
		block++;
	return block;
}

/* Where to begin to decode so that events behind `block` come out. */
static size_t find_fresh(const struct trace *t, size_t block)
{
	size_t at = next_events(t, block);

	if (at < t->blocks.count &&
	    t->blocks.list[at].head.flags & FORMAT_FRESH)
		return at;
	while (block-- > 1)
		if (trace_has_type(t, block, FORMAT_EVENTS) &&
		    t->blocks.list[block].head.flags & FORMAT_FRESH)
			return block;
	return 1;
}

void walk_start(struct trace_events *e, const struct trace *t, size_t block,
		uint64_t from)
{
	*e = (struct trace_events){ .trace = t,
				    .next_block = find_fresh(t, block),
				    .from = from,
				    .events = from };
	decoder_init(&e->decoder, &t->catalog);
}

void walk_release(struct trace_events *e)
{
	blocks_loader_release(&e->loader);
	decoder_release(&e->decoder);
}

struct trace_events *trace_events_open(const struct trace *t)
{
	struct trace_events *e = xcalloc(1, sizeof(*e));

	walk_start(e, t, 1, t->run.first_event);
	return e;
}

void trace_events_close(struct trace_events *e)
{
	if (!e)
		return;
	walk_release(e);
	free(e);
}

/* Does a block that begins with event `first` come next? */
static bool is_next(const struct trace_events *e, uint64_t first)
{
	return first == e->events || (first < e->from && e->events == e->from);
}

/* Opens the next block of events: 1, 0 when there is none, -1. */
static int open_block(struct trace_events *e, struct err *err)
{
	const struct trace *t = e->trace;
	const struct format_block *head;
	const uint8_t *payload;

	e->next_block = next_events(t, e->next_block);
	if (e->next_block == t->blocks.count)
		return 0;
	if (t->stops && t->stops(t->stops_arg))
		return err_set(err, "stopped");
	head = &t->blocks.list[e->next_block].head;
	payload = blocks_load(&t->blocks, e->next_block++, &e->loader);
	if (!payload || !decoder_open(&e->decoder, payload, head->raw,
				      head->flags & FORMAT_FRESH))
		return err_set(err, "a block of events is damaged");
	if (!is_next(e, e->decoder.event))
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

		if (got < 0)
			return err_set(err, "a block of events is damaged");
		if (got && e->decoder.event <= e->events)
			continue;
		if (got) {
			e->events++;
			return 1;
		}
		got = open_block(e, err);
		if (got <= 0)
			return got;
	}
}
