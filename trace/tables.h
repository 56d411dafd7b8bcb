/*
 * tables - the columns of the blocks that hold tables.
 *
 * A block of a table holds the entries from `first` on. Where an entry is
 * guessed from the one before, the guesses begin anew in each block, so a
 * damaged block spoils no other. This is the list of columns that tables.c
 * writes and tables_reader.c reads; man/memprof-trace.5 has it in prose.
 */
#ifndef MEMPROF_TRACE_TABLES_H
#define MEMPROF_TRACE_TABLES_H

#include <stddef.h>

#include "trace/book.h"
#include "trace/err.h"
#include "trace/writer.h"

enum {
	TABLES_HEAD, /* first entry, number of entries; more in some */
	TABLES_NUMBERS, /* varints, so many an entry */
	TABLES_STRINGS,
	TABLES_COLUMNS,
};

/* In NUMBERS: pid, parent + 1, origin, start, end. STRINGS: name, exe, note,
 * limits; an empty one is none. */
/* Threads: process, tid, start, end. STRINGS: name. */
/* Modules: bias, size, is_agent, bytes of build-id. STRINGS: path, build-id. */
/* Codes: first line, form, bytes of lines. STRINGS: file, name, qualified name,
 * lines. */

enum {
	TABLES_FRAME_HEAD,
	TABLES_FRAME_KINDS, /* byte: kind, flags << 4 */
	TABLES_FRAME_MODULES,
	TABLES_FRAME_ADDRS, /* zigzag, less the address before */
	TABLES_FRAME_COLUMNS,
};

enum {
	TABLES_NODE_HEAD, /* first, count, frames known before */
	TABLES_NODE_PARENTS, /* number - 1 - parent */
	TABLES_NODE_FRAMES, /* 0: as guessed, else the frame + 1 */
	TABLES_NODE_COLUMNS,
};

enum {
	TABLES_SITE_HEAD,
	TABLES_SITE_NODES, /* zigzag, less the node before */
	TABLES_SITE_SIZES,
	TABLES_SITE_KINDS, /* byte: kind, 2: not exact */
	TABLES_SITE_COLUMNS,
};

/* What became of entries that were written before. */
enum tables_update {
	TABLES_UPDATE_PROCESS, /* number, end; name, exe, note, limits */
	TABLES_UPDATE_THREAD, /* number, end; name */
	TABLES_UPDATE_RUN, /* pid */
};

/* How much of the book has been written. */
struct tables {
	size_t processes, threads, modules, codes, frames, nodes, sites;
	bool run_changed;
	int32_t pid; /* of the program */
};

/* Writes what is new. */
int tables_write(struct tables *t, struct book *b, struct writer *w,
		 struct err *err);

#endif
