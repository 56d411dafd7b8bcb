/*
 * gc - what Python's cyclic collector did, in report and info.
 */
#ifndef MEMPROF_CLI_GC_H
#define MEMPROF_CLI_GC_H

#include <jansson.h>

#include "analyzer/query.h"

/* In a line of a report; nothing when it never ran. */
void gc_line(struct profile *p);

/* Of each generation; the caller has printed a label of 12 columns. */
void gc_table(struct profile *p);

/* Also each run; caller owns it. */
json_t *gc_json(struct profile *p);

#endif
