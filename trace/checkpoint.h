/*
 * checkpoint - what sites add up to at one moment, in a block.
 *
 * Holds the sites that changed since the checkpoint before, with what they
 * have in all, so the last word on a site is the whole truth about it and
 * reading the totals of a run takes no event. A *whole* checkpoint, whose block
 * says FORMAT_WHOLE, holds every site.
 *
 * A site that is not in later checkpoints did not change, but the peak may
 * have: `epoch` (sites.h) then says that its share is what it has.
 */
#ifndef MEMPROF_TRACE_CHECKPOINT_H
#define MEMPROF_TRACE_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/model.h"
#include "trace/sites.h"

enum checkpoint_column {
	CHECKPOINT_HEAD, /* sites, then as checkpoint_put_state() */
	CHECKPOINT_SITES, /* number, less the number before + 1 */
	CHECKPOINT_FLAGS, /* a byte, says which of the others follow */
	CHECKPOINT_ALLOCS,
	CHECKPOINT_MOVED_IN,
	CHECKPOINT_MOVED_OUT,
	CHECKPOINT_LIVE, /* blocks */
	CHECKPOINT_TEMPORARY,
	CHECKPOINT_BYTES,
	CHECKPOINT_LIVE_BYTES,
	CHECKPOINT_PEAK, /* blocks */
	CHECKPOINT_PEAK_BYTES,
	CHECKPOINT_COLUMNS,
};

enum checkpoint_flag {
	CHECKPOINT_ONCE = 1, /* allocs is 1 */
	CHECKPOINT_MOVED = 2, /* moved_in and moved_out are not both 0 */
	CHECKPOINT_HAS_LIVE = 4, /* blocks or bytes are live */
	CHECKPOINT_HAS_TEMPORARY = 8,
	CHECKPOINT_PEAK_IS_LIVE = 16,
	CHECKPOINT_NO_PEAK = 32,
	CHECKPOINT_DEAD = 64, /* the process has ended */
	CHECKPOINT_ONE_SIZE = 128, /* bytes follow from numbers of blocks */
};

/* What is known of the run besides its sites. */
struct checkpoint {
	uint64_t events; /* before */
	uint64_t blocks; /* begun before */
	uint64_t time; /* ns */
	struct sites_total total[MODEL_KINDS];
	struct model_quality quality;
	bool whole;
};

/*
 * Fills CHECKPOINT_COLUMNS columns with the sites touched since the last time,
 * or with all.
 */
void checkpoint_write(struct sites *s, const struct checkpoint *at,
		      struct column *c);

/* As the columns of the touched sites would be, about. */
void checkpoint_try(struct sites *s, struct column *c);

/* Arrays by site, of a reader. */
struct checkpoint_sites {
	const struct model_site *sites;
	struct model_stats *stats;
	uint32_t *epochs; /* that the share is for */
	bool *dead;
	size_t count;
};

/* False when it lies; the arrays are then good up to some site. */
bool checkpoint_read(const uint8_t *payload, size_t size, struct checkpoint *at,
		     struct checkpoint_sites *to);

/* A checkpoint's numbers, in a column of their own. */
void checkpoint_put_state(struct column *c, const struct checkpoint *at);
void checkpoint_get_state(struct cursor *c, struct checkpoint *at);

#endif
