/*
 * tally - what sites had at one moment, as checkpoints say it.
 *
 * A checkpoint holds the sites that changed since the one before, so one is
 * read over the other, up to the last that is wanted. Replay (replay.h) adds
 * the events from there on.
 */
#ifndef MEMPROF_TRACE_TALLY_H
#define MEMPROF_TRACE_TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/blocks.h"
#include "trace/catalog.h"
#include "trace/checkpoint.h"

struct tally {
	struct checkpoint_sites sites; /* arrays owned */
	struct checkpoint at; /* what they are for */
	size_t block; /* behind the checkpoint that `at` is of */
};

/* Of nothing yet; the catalog's sites are borrowed. */
void tally_init(struct tally *t, const struct catalog *c);
/* Back to nothing. */
void tally_reset(struct tally *t);
void tally_release(struct tally *t);

/* Reads the checkpoint in a block over what is there. False when it lies. */
bool tally_read(struct tally *t, const struct blocks *b, size_t block,
		struct blocks_loader *l);

/* Makes shares in the peak of sites that did not change since it. */
void tally_settle(struct tally *t);

/* What a process had when it ended counts as freed. */
void tally_bury(struct tally *t);

/* Is the sum of what sites have a number that others can work with? */
bool tally_fits(const struct tally *t);

#endif
