/*
 * info_json - "memprof.info/1": what was run, for programs.
 */
#ifndef MEMPROF_CLI_INFO_JSON_H
#define MEMPROF_CLI_INFO_JSON_H

#include "analyzer/query.h"

void info_json(struct profile *p);

#endif
