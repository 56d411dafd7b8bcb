/*
 * blocks - find the whole blocks of a trace file, and load them.
 *
 * The file is read, not mapped: it may be cut while we look. Behind a damaged
 * block the search goes on for the next magic number with a good checksum.
 */
#ifndef MEMPROF_TRACE_BLOCKS_H
#define MEMPROF_TRACE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/err.h"
#include "trace/format.h"

struct blocks_entry {
	uint64_t offset; /* of the stored bytes */
	struct format_block head;
};

struct blocks {
	int fd; /* owned */
	uint64_t size; /* of the file */
	struct blocks_entry *list; /* the good ones, in order; owned */
	size_t count, capacity;
	bool live; /* somebody writes it still, or did when it was opened */
	bool cut; /* ends in the middle of a block */
	bool damaged; /* a block is missing or not as it was written */
	uint64_t effort; /* bytes that may still be looked at in vain */
};

/* What loading takes: a reader may have several. */
struct blocks_loader {
	uint8_t *stored, *raw; /* owned */
	size_t stored_capacity, raw_capacity;
	void *zstd; /* owned */
};

int blocks_open(struct blocks *b, const char *path, struct err *err);
void blocks_close(struct blocks *b);

/* The payload of a block, borrowed from the loader until the next. NULL when
 * it can not be read or decompressed. */
const uint8_t *blocks_load(const struct blocks *b, size_t number,
			   struct blocks_loader *l);
void blocks_loader_release(struct blocks_loader *l);

#endif
