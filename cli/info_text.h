/*
 * info_text - what was run, for people.
 */
#ifndef MEMPROF_CLI_INFO_TEXT_H
#define MEMPROF_CLI_INFO_TEXT_H

#include "analyzer/query.h"

#include <stdbool.h>

void info_text(struct profile *p, const char *path, bool is_verbose);

#endif
