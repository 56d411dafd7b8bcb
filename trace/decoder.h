/*
 * decoder - turns the columns of events.h into events.
 *
 * Keeps what is live, in order, as the writer did. Trusts nothing: a number
 * that has no site, a rank that nothing has or a size larger than its class is
 * an error. Memory is in proportion to what is live, and to a block of events.
 */
#ifndef MEMPROF_TRACE_DECODER_H
#define MEMPROF_TRACE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/catalog.h"
#include "trace/cursor.h"
#include "trace/events.h"
#include "trace/guess.h"
#include "trace/model.h"
#include "trace/order.h"

/* What a block of memory was begun with. */
struct decoder_block {
	uint64_t number; /* MODEL_NO_BLOCK: from before decoding began */
	uint64_t size;
	uint32_t site;
};

struct decoder {
	const struct catalog *catalog; /* borrowed */
	uint32_t *processes; /* of sites, owned; NULL not asked for yet */
	struct cursor columns[EVENTS_COLUMNS];
	struct guess begins, ends;
	struct order order; /* of what is live, with numbers of its own */
	struct decoder_block *live; /* by those numbers; owned */
	size_t live_capacity;
	uint64_t blocks; /* begun so far */
	uint64_t left; /* events */
	uint64_t event, time; /* number of the next; ns */
	uint64_t rank; /* last that was got */
	bool planes; /* see events.h */
	bool started; /* guesses and what is live are good from here on */
};

void decoder_init(struct decoder *d, const struct catalog *c);
void decoder_release(struct decoder *d);

/*
 * A block of events, borrowed until its last event is out. False when it lies,
 * or when it needs what was learned in blocks that were not decoded.
 */
bool decoder_open(struct decoder *d, const uint8_t *payload, size_t size,
		  bool fresh);
/* A block is missing: the next must be fresh. */
void decoder_lose(struct decoder *d);
/* 1, 0 at the end of the block, -1 when it lies. */
int decoder_next(struct decoder *d, struct model_event *event);

#endif
