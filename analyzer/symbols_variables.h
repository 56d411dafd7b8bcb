/*
 * symbols_variables - where a module's variables are declared.
 *
 * Symbol tables name variables; only debug information has their lines. It is
 * read whole for that, once, and only when somebody asks.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_VARIABLES_H
#define MEMPROF_ANALYZER_SYMBOLS_VARIABLES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols_declaration {
	uint64_t addr; /* or offset in what is local to a thread */
	uint64_t size;
	bool is_local; /* to a thread */
	const char *file; /* borrowed from libdw */
	uint32_t line;
};

struct symbols_variables {
	struct symbols_declaration *items; /* owned; sorted */
	size_t count, room;
	bool is_read;
};

void symbols_variables_release(struct symbols_variables *all);

/* The one that lies at `addr`, as in the debug information; NULL unknown. */
const struct symbols_declaration *
symbols_variables_find(struct symbols_variables *all, Dwarf *dwarf,
		       uint64_t addr, bool is_local);

#endif
