/*
 * marks - the moments of a run that have a name, for those who list them.
 */
#ifndef MEMPROF_CLI_MARKS_H
#define MEMPROF_CLI_MARKS_H

#include "analyzer/query.h"

#include <jansson.h>
#include <stdbool.h>

/* A line each, below a label; the first few unless `all`. */
void marks_text(const struct profile *p, bool all);

/* [{ "kind", "name", "source", "pid", "time_ns" }] */
json_t *marks_json(const struct profile *p);

#endif
