/*
 * symbols_walk - the entries of a compilation unit that may hold code.
 *
 * Visited in order of the file. Offsets only grow, whatever the file says, so
 * every walk ends.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_WALK_H
#define MEMPROF_ANALYZER_SYMBOLS_WALK_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYMBOLS_WALK_DEPTH = 256,
	SYMBOLS_NO_SCOPE = UINT32_MAX,
	SYMBOLS_WALK_SKIP = UINT32_MAX - 1,
};

struct symbols_level {
	Dwarf_Die die;
	uint32_t scope; /* around it: the walker's, or SYMBOLS_NO_SCOPE */
};

struct symbols_walk {
	struct symbols_level levels[SYMBOLS_WALK_DEPTH];
	size_t depth;
	Dwarf_Off last;
};

/* To the first child of `root`. False when there is none. */
bool symbols_walk_begin(struct symbols_walk *w, Dwarf_Die *root);

struct symbols_level *symbols_walk_current(struct symbols_walk *w);

/*
 * Into the children of the current entry, which are then in `scope`, or past
 * them for SYMBOLS_WALK_SKIP. False at the end.
 */
bool symbols_walk_next(struct symbols_walk *w, uint32_t scope);

/* May an entry of this tag have code somewhere below? */
bool symbols_walk_holds_code(int tag);

#endif
