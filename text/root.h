/*
 * root - what holds blocks that are reachable, as text.
 */
#ifndef MEMPROF_TEXT_ROOT_H
#define MEMPROF_TEXT_ROOT_H

#include "analyzer/query.h"

const char *root_name(enum model_root_kind kind);
/* "global cache (app.c:5) in app", or "stack of thread 12". Escaped; caller
 * frees. */
char *root_text(const struct query_root *r);

#endif
