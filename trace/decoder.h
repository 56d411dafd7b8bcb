/*
 * decoder - turns the columns of events.h into events.
 *
 * Trusts nothing: a number that has no site, an age from before the first
 * block or a size larger than its class is an error. What it cannot see, that
 * a block ends twice, is for who adds events up.
 */
#ifndef MEMPROF_TRACE_DECODER_H
#define MEMPROF_TRACE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/cursor.h"
#include "trace/events.h"
#include "trace/guess.h"
#include "trace/model.h"

/* What a block of memory was begun with. */
struct decoder_block {
	uint32_t site;
	uint64_t size;
};

struct decoder {
	const struct model_site *sites; /* borrowed */
	size_t site_count, process_count;
	struct cursor columns[EVENTS_COLUMNS];
	struct guess begins, ends;
	struct decoder_block *begun; /* in this block of events; owned */
	size_t begun_capacity;
	uint64_t first_block, blocks; /* begun before it, and so far */
	uint64_t left; /* events */
	uint64_t event, time; /* number of the next; ns */
	bool started; /* guesses are good from here on */
};

void decoder_init(struct decoder *d, const struct model_site *sites,
		  size_t site_count, size_t process_count);
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
