/*
 * distribution - how this machine's users get debug information.
 */
#ifndef MEMPROF_ANALYZER_DISTRIBUTION_H
#define MEMPROF_ANALYZER_DISTRIBUTION_H

#include "analyzer/arena.h"

/* The command that helps for the file at `path`; NULL when none is left. */
const char *distribution_debug_hint(struct arena *arena, const char *path);

#endif
