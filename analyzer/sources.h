/*
 * sources - the text of source lines.
 *
 * What the trace holds comes from there; the rest from the disk, where a file
 * may have become another one since: sources_note() says so.
 */
#ifndef MEMPROF_ANALYZER_SOURCES_H
#define MEMPROF_ANALYZER_SOURCES_H

#include "analyzer/arena.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stdint.h>

struct sources;

struct sources_options {
	const struct trace *trace; /* borrowed */
	struct arena *arena; /* borrowed */
	uint64_t run_start; /* ns since 1970; 0 unknown */
	bool off; /* open no files */
};

struct sources *sources_open(const struct sources_options *o);
void sources_close(struct sources *s);

/*
 * Line `line`, from 1, without its end; NULL when there is none. Any bytes may
 * stand in it. Borrowed until sources_close().
 */
const char *sources_line(struct sources *s, const char *file, uint32_t line);

/*
 * NULL, or why the lines of `file` may not be those that `module`, a path, was
 * made of; to follow the file's name. A module of NULL is not looked at, and
 * one without a slash is Python's: made when the program ran.
 */
const char *sources_note(struct sources *s, const char *file,
			 const char *module);

/*
 * Widens `lines`, a first and a last line, to all around that the trace holds
 * without a gap, but not to more than `most` lines.
 */
void sources_extend(struct sources *s, const char *file, uint32_t lines[2],
		    uint32_t most);

#endif
