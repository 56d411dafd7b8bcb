/*
 * symbols_holders - namespaces, classes and functions by what they hold, for
 * names in full.
 *
 * Compilers leave out the linkage name of some functions: gcc does for lambdas
 * and constructors that were inlined. "operator()" alone says little.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_HOLDERS_H
#define MEMPROF_ANALYZER_SYMBOLS_HOLDERS_H

#include "analyzer/spans.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>

struct symbols_holder;

struct symbols_holders {
	struct symbols_holder *items;
	size_t count, room;
	struct spans spans; /* by offset of entries */
	bool is_read;
};

void symbols_holders_init(struct symbols_holders *all);
void symbols_holders_release(struct symbols_holders *all);

/* The entry that declares what `die` is an instance of; it may be `die`. */
Dwarf_Die symbols_holders_declaration(Dwarf_Die die);

/*
 * "geometry::shape::area" for a declaration in the unit `root`; false when it
 * has no name or does not fit.
 */
bool symbols_holders_name(struct symbols_holders *all, Dwarf_Die *root,
			  Dwarf_Die *decl, char *text, size_t size);

#endif
