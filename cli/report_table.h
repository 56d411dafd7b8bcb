/*
 * report_table - the rows of a text report.
 */
#ifndef MEMPROF_CLI_REPORT_TABLE_H
#define MEMPROF_CLI_REPORT_TABLE_H

#include "cli/report.h"

void report_table(const struct report *r, const struct query_result *result,
		  enum model_kind kind);

#endif
