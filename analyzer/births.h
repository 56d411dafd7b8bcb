/*
 * births - when each block of a run began.
 *
 * Blocks are numbered in the order in which they began, so the time of any is
 * found among the few moments at which time went on: memory goes with the
 * duration of a run, up to 64 MiB, and not with its events. In runs of more
 * than an hour moments are coarser than a millisecond for that.
 */
#ifndef MEMPROF_ANALYZER_BIRTHS_H
#define MEMPROF_ANALYZER_BIRTHS_H

#include <stddef.h>
#include <stdint.h>

struct births_step {
	uint64_t block; /* the first of that time */
	uint64_t time; /* ns */
};

struct births {
	struct births_step *steps; /* owned */
	size_t count, capacity;
	uint64_t grain; /* ns between two steps, at least */
};

void births_init(struct births *b, uint64_t duration);
void births_release(struct births *b);

/* The next block began. Gives the time that it has from then on. */
uint64_t births_add(struct births *b, uint64_t block, uint64_t time);

/* Of a block that was added. */
uint64_t births_time(const struct births *b, uint64_t block);

#endif
