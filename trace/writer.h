/*
 * writer - append blocks to a trace file.
 *
 * After a failed write nothing more is written but the last block, for which
 * room is kept: a full disk ends a trace, it does not spoil it.
 */
#ifndef MEMPROF_TRACE_WRITER_H
#define MEMPROF_TRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/err.h"
#include "trace/format.h"
#include "trace/pulse.h"

/* A block that was written. */
struct writer_entry {
	uint64_t offset;
	uint32_t size; /* with its head */
	uint16_t type; /* enum format_block_type */
};

struct writer {
	int fd; /* borrowed */
	uint64_t offset; /* bytes of the file that are whole blocks */
	uint64_t serial; /* of the next block */
	uint16_t flags; /* of the next block */
	void *zstd; /* context, owned */
	struct column packed, stored;
	struct pulse *pulse; /* borrowed; NULL: nobody waits for us */
	bool failed;
	bool lists; /* remembers each block */
	struct writer_entry *entries; /* owned */
	size_t entry_count, entry_capacity;
};

/* Writes the start of the file. */
int writer_open(struct writer *w, int fd, struct err *err);
/* To add to a file that ends at `offset`, the next block being `serial`. */
int writer_append(struct writer *w, int fd, uint64_t offset, uint64_t serial,
		  struct err *err);
void writer_close(struct writer *w);

/* Writes a block of `n` columns; 0 also when an earlier write has failed. */
int writer_block(struct writer *w, enum format_block_type type,
		 const struct column *columns, size_t n, struct err *err);
/* The same, but tried even then. */
int writer_last_block(struct writer *w, enum format_block_type type,
		      const struct column *columns, size_t n, struct err *err);
/* How large such a block would be; for a payload of any type. */
size_t writer_measure(struct writer *w, const struct column *columns, size_t n);
/* Writes a block of another file again, as it is stored there. */
int writer_copy(struct writer *w, const struct writer *from, size_t entry,
		struct err *err);
/* Nothing more is to come: gives back the room that was kept. */
int writer_finish(struct writer *w, struct err *err);

#endif
