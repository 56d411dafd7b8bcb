/*
 * symbols_unit - the functions and lines of one compilation unit.
 *
 * Read when first asked for: its tree is walked once, and what has code, that
 * is functions and what was inlined into them, goes into a table of address
 * ranges. These are its *scopes*, known by number. From a scope outwards the
 * tree's own parents are followed, never the ranges, because ranges of folded
 * or broken functions overlap.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_UNIT_H
#define MEMPROF_ANALYZER_SYMBOLS_UNIT_H

#include "analyzer/spans.h"
#include "analyzer/symbols_holders.h"

#include <elfutils/libdw.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols_scope;

struct symbols_unit {
	Dwarf_Die head; /* has the line table */
	Dwarf_Die tree; /* the same, or the unit in a split file */
	struct symbols_scope *scopes;
	size_t scope_count, scope_room;
	struct spans spans;
	bool is_read;
	struct symbols_holders holders;
};

struct symbols_position {
	char file[PATH_MAX]; /* empty unknown */
	uint32_t line; /* 0 unknown */
};

/* `split` may be NULL. */
void symbols_unit_init(struct symbols_unit *u, const Dwarf_Die *head,
		       const Dwarf_Die *split);
void symbols_unit_release(struct symbols_unit *u);

/* The code of an entry; addresses as in the file with the DWARF. */
void symbols_unit_add_ranges(struct spans *spans, Dwarf_Die *die,
			     uint32_t value);

/* Is it of a language that names functions by class and parameters? */
bool symbols_unit_mangles(struct symbols_unit *u);

/* The innermost scope at `addr`, or SYMBOLS_NO_SCOPE. */
uint32_t symbols_unit_scope(struct symbols_unit *u, Dwarf_Addr addr);

/* The scope that this one was inlined into, or SYMBOLS_NO_SCOPE. */
uint32_t symbols_unit_outer(const struct symbols_unit *u, uint32_t scope);

/* As the linker knows it; NULL when the unit does not say. */
const char *symbols_unit_linkage_name(struct symbols_unit *u, uint32_t scope);

/* The entry that declares a scope's function; it may be of another unit. */
Dwarf_Die symbols_unit_declaration(const struct symbols_unit *u,
				   uint32_t scope);

/*
 * Of a declaration in this unit, as the source has it; NULL unknown. It may be
 * in `room`.
 */
const char *symbols_unit_source_name(struct symbols_unit *u, Dwarf_Die *decl,
				     char *room, size_t size);

/* The line of `addr`, and the line of the call that `scope` stands for. */
void symbols_unit_line(struct symbols_unit *u, Dwarf_Addr addr,
		       struct symbols_position *p);
void symbols_unit_call(struct symbols_unit *u, uint32_t scope,
		       struct symbols_position *p);

/*
 * First and last line of a scope's function in the file that declares it, the
 * last being that of its last code. False when they are unknown.
 */
bool symbols_unit_extent(struct symbols_unit *u, uint32_t scope,
			 uint32_t lines[2]);

#endif
