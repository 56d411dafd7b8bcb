/*
 * encoder - turns events into the columns of events.h.
 *
 * Fed by the book with what happened, in order; knows sites and block numbers
 * but no address.
 */
#ifndef MEMPROF_TRACE_ENCODER_H
#define MEMPROF_TRACE_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/events.h"
#include "trace/guess.h"
#include "trace/order.h"
#include "trace/sites.h"

struct encoder {
	struct column columns[EVENTS_COLUMNS];
	struct guess begins, ends;
	struct order order; /* of heap blocks; `next` is how many ever began */
	uint64_t events; /* ever */
	uint64_t time; /* ns; what readers will know */
	uint64_t rank; /* last that was put */
	uint64_t missed; /* sites that were not guessed, of these columns */
	uint64_t first_event, first_block, first_live, first_time;
	bool fresh;
};

/* What ends: a heap block. */
struct encoder_block {
	uint64_t number;
	const struct site *site;
	uint32_t site_number;
	uint64_t size;
	bool moved; /* realloc's: the new one is elsewhere */
};

void encoder_init(struct encoder *e);
void encoder_release(struct encoder *e);

/* Time only goes forward; small steps are left out. */
void encoder_time(struct encoder *e, uint64_t ns);

/* The block begun has the number encoder_next_block() before. */
void encoder_alloc(struct encoder *e, uint32_t number, const struct site *site,
		   uint64_t size);
void encoder_moved_in(struct encoder *e, uint32_t number,
		      const struct site *site, uint64_t size);
void encoder_free(struct encoder *e, const struct encoder_block *b,
		  bool temporary);
void encoder_realloc(struct encoder *e, const struct encoder_block *old,
		     uint32_t number, const struct site *site, uint64_t size);
void encoder_map(struct encoder *e, uint32_t number, const struct site *site,
		 uint64_t size);
void encoder_unmap(struct encoder *e, uint32_t number, uint64_t size,
		   bool ended);
/* Its blocks, encoder_lose(), are among the `reach` youngest. */
void encoder_exit(struct encoder *e, uint32_t process, uint64_t reach);
/* A block ends with its process. */
void encoder_lose(struct encoder *e, uint64_t number);

/* Events and bytes in the columns, which wait to be written. */
uint64_t encoder_pending(const struct encoder *e);
size_t encoder_size(const struct encoder *e);
/* Fills the head; the columns are then ready to be packed. */
void encoder_close(struct encoder *e);
/* Begins the next block of events. */
void encoder_next(struct encoder *e, bool fresh);

/*
 * For a fresh block, which has no event yet: all heap blocks that are live,
 * in the order in which they began.
 */
struct encoder_live {
	const struct sites *sites;
	const uint32_t *site;
	const uint64_t *size;
	size_t count;
};
void encoder_list(struct encoder *e, const struct encoder_live *live);

static inline uint64_t encoder_next_block(const struct encoder *e)
{
	return e->order.next;
}

#endif
