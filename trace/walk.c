/*
 * walk - the events of a trace one after the other; see reader.h.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "trace/decoder.h"
#include "trace/trace.h"
#include "trace/xmalloc.h"

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
	       !trace_has_type(t, e->next_block, FORMAT_EVENTS))
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
