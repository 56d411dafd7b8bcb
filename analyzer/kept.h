/*
 * kept - what frames are called: as the trace holds it, or else the files.
 *
 * A trace that holds its symbols is shown without opening any file. Files are
 * asked for what it does not hold: for everything where it holds nothing, and
 * for lines of modules that had no debug information, or were not there, when
 * a look at the directories says that they might now have.
 */
#ifndef MEMPROF_ANALYZER_KEPT_H
#define MEMPROF_ANALYZER_KEPT_H

#include "analyzer/symbols.h"
#include "trace/portable.h"
#include "trace/reader.h"

#include <stddef.h>
#include <stdint.h>

struct kept;

struct kept_options {
	const struct trace *trace; /* borrowed */
	struct arena *arena; /* borrowed */
	struct names *names; /* borrowed */
	struct symbols *symbols; /* borrowed */
	bool off; /* nothing has a name */
	bool thorough; /* ask for lines of modules of wrappers too: places.h */
};

struct kept *kept_open(const struct kept_options *o);
void kept_close(struct kept *k);

/* As symbols_at(), of frame number `frame`. */
size_t kept_at(struct kept *k, uint32_t frame,
	       struct symbol out[SYMBOLS_DEPTH]);

/* Why names or lines of a module are missing. */
enum symbols_state kept_state(const struct kept *k, uint32_t module);

/* Was debuginfod asked when the symbols in the trace were looked up? */
bool kept_asked(const struct kept *k);

/* The address to look up for a frame: the call's, not the return's. */
uint64_t kept_address(const struct model_frame *f);

#endif
