/*
 * hints_json - findings for programs.
 */
#ifndef MEMPROF_CLI_HINTS_JSON_H
#define MEMPROF_CLI_HINTS_JSON_H

#include "analyzer/hints.h"

void hints_json(struct profile *p, const struct query_hints *hints);

#endif
