/*
 * format - the bytes of a trace file; man/memprof-trace.5 is its prose.
 *
 * A file is a fixed start and then blocks. A block says its own length and
 * carries a checksum over its head and its payload, so a file that was cut or
 * damaged is good up to its last whole block, and behind a damaged one.
 * Integers in structs are little endian. A payload is a set of columns, each a
 * run of LEB128 varints or raw bytes, compressed together with zstd.
 *
 * Tables (processes, threads, modules, frames, nodes, sites) grow by
 * appending: a block of such a type holds the entries that are new since the
 * last, and an entry's number is its position over all blocks. An entry only
 * refers to smaller numbers, or to tables earlier in the file.
 *
 * Versions: a reader refuses a file whose version is larger than its own, and
 * skips block types that it does not know.
 */
#ifndef MEMPROF_TRACE_FORMAT_H
#define MEMPROF_TRACE_FORMAT_H

#include <stdint.h>

#define FORMAT_MAGIC "\x89MPROF\r\n" /* 8 bytes, no zero */
#define FORMAT_BLOCK_MAGIC 0x4b42504dU /* "MPBK" */

enum {
	FORMAT_VERSION = 1,
	FORMAT_BLOCK_MAX = 16 << 20, /* bytes of payload, uncompressed */
	FORMAT_LARGE_BLOCK_MAX = 256 << 20, /* of EVENTS, CHECKPOINT */
	FORMAT_EVENTS_PER_BLOCK = 1 << 20,
};

struct format_start {
	uint8_t magic[8];
	uint32_t version;
	uint32_t version_check; /* ~version */
};

enum format_block_type {
	FORMAT_RUN = 1, /* what was run: first block of a file */
	FORMAT_PROCESSES,
	FORMAT_THREADS,
	FORMAT_MODULES,
	FORMAT_FRAMES,
	FORMAT_NODES,
	FORMAT_SITES,
	FORMAT_EVENTS,
	FORMAT_CHECKPOINT, /* sites touched since the last one, absolute */
	FORMAT_END, /* completeness; the last block of a finished trace */
	FORMAT_UPDATES, /* what became of processes and threads, their names */
	FORMAT_MARKS, /* moments with a name */
	FORMAT_SAMPLES, /* memory over time */
	FORMAT_SYMBOLS = 14, /* functions and lines; these two may follow END */
	FORMAT_SOURCES, /* text of source lines */
	FORMAT_FOLDED, /* the first events are left out, see bound.h */
	FORMAT_BALANCE = 17, /* what resident memory consists of */
	FORMAT_LEAKS = 18, /* what was lost when a process ended */
	FORMAT_CODES = 19, /* code objects of Python: a table */
	FORMAT_GC = 20, /* runs of its cyclic collector */
	FORMAT_OBJECTS = 21, /* its objects at a moment, by type */
};

enum format_flags {
	FORMAT_FRESH = 1, /* EVENTS: decoding may begin here */
	FORMAT_WHOLE = 2, /* CHECKPOINT: holds every site */
};

/*
 * All sites, or all blocks that are live, are one block, however many they are;
 * readers take them one by one.
 */
static inline uint32_t format_block_max(enum format_block_type type)
{
	return type == FORMAT_EVENTS || type == FORMAT_CHECKPOINT
		       ? FORMAT_LARGE_BLOCK_MAX
		       : FORMAT_BLOCK_MAX;
}

struct format_block {
	uint32_t magic;
	uint16_t type; /* enum format_block_type */
	uint16_t flags; /* enum format_flags */
	uint32_t stored; /* bytes that follow */
	uint32_t raw; /* bytes after decompression; = stored: not compressed */
	uint64_t serial; /* 0, 1, 2 ...: a missing block is noticed */
	uint64_t checksum; /* XXH3_64bits of this head, with checksum 0, and of
			    * the stored bytes as seeded by that */
};

/* The checksum of a block whose head is `head`; head->checksum is not read. */
uint64_t format_checksum(const struct format_block *head, const void *stored);

_Static_assert(sizeof(struct format_start) == 16, "format");
_Static_assert(sizeof(struct format_block) == 32, "format");

#endif
