/*
 * names - one copy of every string, so that equal strings are one pointer.
 */
#ifndef MEMPROF_ANALYZER_NAMES_H
#define MEMPROF_ANALYZER_NAMES_H

#include "analyzer/arena.h"
#include "analyzer/lookup.h"

#include <stddef.h>
#include <stdint.h>

struct names {
	struct arena *arena; /* borrowed */
	struct lookup lookup;
	const char **text;
	size_t room;
	uint32_t count;
};

void names_init(struct names *n, struct arena *arena);
void names_release(struct names *n);

/* Borrowed from the arena. NULL stays NULL. */
const char *names_intern(struct names *n, const char *text);

/* The number of a string that names_intern() returned, from 0. */
uint32_t names_number(struct names *n, const char *text);

#endif
