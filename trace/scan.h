/*
 * scan - class the live blocks of a process by what points to them.
 *
 * A word is a pointer when it holds the address of a live block, or one inside
 * it; nobody knows the types. So a block may seem to be held by a number, but
 * never lost while a pointer to it is kept in the clear.
 *
 *	reachable	from a root, by pointers to the starts of blocks
 *	possible	from a root, but somewhere on the way by a pointer into
 *			the middle of a block
 *	definite	from nowhere
 *	indirect	from blocks that are definitely lost; of a cycle that is
 *			lost, all but one
 *
 * Some ways into the middle count as the start, because they are made on
 * purpose: a new[] of objects with destructors keeps their number in front of
 * them, some allocators keep the size there, a pointer to a base class that is
 * not the first points to where that begins, and one to an object of Python
 * behind what its collector keeps in front (objects.c), or to the values of one
 * behind their head.
 */
#ifndef MEMPROF_TRACE_SCAN_H
#define MEMPROF_TRACE_SCAN_H

#include "trace/heap.h"
#include "trace/peek.h"
#include "trace/model.h"
#include "trace/roots.h"
#include "trace/space.h"

/* A pointer that stands nowhere in memory. */
struct scan_word {
	uint64_t value;
	enum model_root_kind kind;
	int32_t tid;
};

struct scan {
	const struct heap
		*heap; /* from the caller, borrowed, as all of these */
	struct peek *peek;
	const struct roots_range *ranges;
	size_t range_count;
	const struct scan_word *words;
	size_t word_count;
	const struct space *space; /* where modules stand */
	size_t site_count; /* of the run */
	bool python; /* objects may begin behind heads of 16 or 32 bytes */
};

/* Fills sites and roots of `l`, which are owned by it. */
void scan_run(const struct scan *s, struct model_leaks *l);

#endif
