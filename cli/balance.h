/*
 * balance - what resident memory consists of, for `memprof info`.
 */
#ifndef MEMPROF_CLI_BALANCE_H
#define MEMPROF_CLI_BALANCE_H

#include <jansson.h>

#include "analyzer/query.h"

/* For the moment of most memory, and the last that was looked at. */
void balance_text(struct profile *p);
/* The most that was resident, in a line; nothing when it is not known. */
void balance_line(struct profile *p, int32_t pid);
json_t *balance_json(struct profile *p);

#endif
