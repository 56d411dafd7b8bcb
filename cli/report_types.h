/*
 * report_types - the rows of a report by type, and the arenas they lie in.
 */
#ifndef MEMPROF_CLI_REPORT_TYPES_H
#define MEMPROF_CLI_REPORT_TYPES_H

#include "cli/report.h"

void report_types(const struct report *r);

#endif
