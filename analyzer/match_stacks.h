/*
 * match_stacks - which stack of one profile is which of another.
 *
 * There may be a million of them, so that they are not compared frame by frame:
 * a stack is a frame and the stack below it, and two are the same when both of
 * these are.
 */
#ifndef MEMPROF_ANALYZER_MATCH_STACKS_H
#define MEMPROF_ANALYZER_MATCH_STACKS_H

#include "analyzer/match.h"
#include "analyzer/match_keys.h"

/* Fills `pair`, by row of `old`, whose entries are MATCH_NONE. */
void match_stacks(struct match_keys *k, const struct match_side *old,
		  const struct match_side *new, uint32_t *pair);

#endif
