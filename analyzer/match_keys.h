/*
 * match_keys - what two builds of a program can have in common, as numbers.
 *
 * A number stands for equal things on both sides: files and modules as same.h
 * has them, names of functions in brief, texts of lines without indentation.
 * 0 is unknown.
 */
#ifndef MEMPROF_ANALYZER_MATCH_KEYS_H
#define MEMPROF_ANALYZER_MATCH_KEYS_H

#include "analyzer/arena.h"
#include "analyzer/match.h"
#include "analyzer/names.h"
#include "analyzer/same.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct match_place {
	uint32_t function, brief; /* in full, and without what may change */
	uint32_t file, module;
	uint32_t line;
	uint32_t text;
	uint64_t addr; /* only where nothing else is known */
	bool is_fixed; /* the other side has the very same code */
};

struct match_keys {
	struct arena arena;
	struct names names;
	struct same files, modules;
	bool same_run;
	bool *is_fixed; /* owned: by number of module */
};

void match_keys_init(struct match_keys *k, struct profile *old,
		     struct profile *new);
void match_keys_release(struct match_keys *k);

struct match_place match_keys_place(struct match_keys *k, struct profile *p,
				    const struct query_frame *f, bool is_new);

/* Of any text; NULL is 0. */
uint32_t match_keys_text(struct match_keys *k, const char *text);

#endif
