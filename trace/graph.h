/*
 * graph - which blocks of a heap point to which.
 *
 * To follow pointers is to read blocks in any order, and a look at another
 * process takes longer than what is seen. So the heap is read once, from its
 * low end to its high one, and what was found in it is kept: for each block the
 * blocks that its words point to, in the order of the words.
 *
 * Not all blocks are read so: large ones take no longer on their own, and what
 * is kept has its bound. Of those it is said that they are to be read.
 */
#ifndef MEMPROF_TRACE_GRAPH_H
#define MEMPROF_TRACE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/heap.h"
#include "trace/peek.h"
#include "trace/space.h"

enum {
	GRAPH_LARGE = 1 << 15, /* bytes of a block that is not read here */
	/* In an edge: to the middle of a block, the next word says where. */
	GRAPH_MIDDLE = 1U << 31,
};

/* How a block begins, which decides what its middle may be. */
enum graph_beginning {
	GRAPH_READ = 1, /* else that is not known, nor what it points to */
	GRAPH_COUNTED = 2, /* by a number that fits the size of what follows */
	GRAPH_TABLE = 4, /* by an address in a module */
};

struct graph {
	const struct heap *heap; /* borrowed, as these */
	struct peek *peek;
	const struct space *space;
	uint32_t *first; /* edge of each block, and one more; owned */
	uint32_t *edges; /* owned */
	size_t count;
	size_t room; /* bytes */
	uint8_t *beginning; /* of each block; owned */
};

void graph_init(struct graph *g, const struct heap *heap, struct peek *peek,
		const struct space *space);
void graph_release(struct graph *g);

/* Does the block begin with a number that makes its second word its start? */
bool graph_is_counted(const struct graph *g, uint32_t block);
/* Is it in a module, as tables of virtual functions are? */
bool graph_is_table(const struct graph *g, uint64_t addr);
/* Does the block begin with one of these? Gives it, or 0. */
uint64_t graph_table_of(const struct graph *g, uint32_t block);

#endif
