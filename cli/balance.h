/*
 * balance - what resident memory consists of, for `memprof info`.
 */
#ifndef MEMPROF_CLI_BALANCE_H
#define MEMPROF_CLI_BALANCE_H

#include <jansson.h>

#include "analyzer/query.h"

/* Each for the moment of most memory, and the last that was looked at. */
void balance_text(struct profile *p);
json_t *balance_json(struct profile *p);

#endif
