/*
 * symbols - what stands at an address of a module's file.
 *
 * Symbol files are opened when first asked for and stay open until
 * symbols_close(). A file that is not the one that was run gives no names and
 * no lines, because a wrong line is worse than none.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_H
#define MEMPROF_ANALYZER_SYMBOLS_H

#include "analyzer/arena.h"
#include "analyzer/functions.h"
#include "analyzer/names.h"
#include "trace/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYMBOLS_DEPTH = 64, /* inlined frames at one address */
};

struct symbols;

struct symbols_options {
	const struct model_module *modules; /* borrowed */
	size_t count;
	struct arena *arena; /* borrowed */
	struct names *names; /* borrowed */
	const char *cwd; /* relative paths begin here; NULL unknown */
	uint64_t run_end; /* ns since 1970: later files have changed */
	bool off; /* look nothing up */
	bool quick; /* no lines of modules of wrappers: places.h */
};

struct symbols *symbols_open(const struct symbols_options *o);
void symbols_close(struct symbols *s);

/* Strings are interned; NULL and 0 unknown. */
struct symbol {
	struct function_name name;
	const char *linkage; /* the name before it was demangled */
	const char *file;
	uint32_t line;
};

/*
 * What stands at `addr` of module number `module`, innermost first: all but
 * the last are inlined into the one after. Always at least one.
 */
size_t symbols_at(struct symbols *s, uint32_t module, uint64_t addr,
		  struct symbol out[SYMBOLS_DEPTH]);

/* Sets the name of `out` to what a linkage name stands for. */
void symbols_set_name(struct symbols *s, struct symbol *out,
		      const char *linkage);

/*
 * The lines of the function that is number `place` of what symbols_at() gives
 * for the address, as far as its code shows them. False when they are unknown.
 */
bool symbols_extent(struct symbols *s, uint32_t module, uint64_t addr,
		    size_t place, uint32_t lines[2]);

/*
 * The variable that `addr` lies in, and where it is declared; local: to each
 * thread, and addr an offset in what is. False unknown.
 */
bool symbols_variable(struct symbols *s, uint32_t module, uint64_t addr,
		      bool local, struct symbol *out);

enum symbols_state {
	SYMBOLS_UNUSED, /* never asked for */
	SYMBOLS_LINES, /* has debug information */
	SYMBOLS_NAMES, /* has none, functions may have names */
	SYMBOLS_MISSING, /* no such file */
	SYMBOLS_CHANGED, /* not the file that was run */
	SYMBOLS_UNREADABLE, /* no ELF file, or no permission */
	SYMBOLS_NO_FILE, /* made by the kernel */
	SYMBOLS_LATE, /* time was up before it was looked at */
	SYMBOLS_SPLIT, /* has lines, but the rest is in a file not found */
};

/* Did a debuginfod server not answer? */
bool symbols_gave_up(const struct symbols *s);
/* Whom to tell of downloads; for the whole process. */
void symbols_on_download(void (*tell)(const char *path, uint64_t done,
				      uint64_t total));

enum symbols_state symbols_state(const struct symbols *s, uint32_t module);
/* The same, after opening the file if nobody has. */
enum symbols_state symbols_open_state(struct symbols *s, uint32_t module);

#endif
