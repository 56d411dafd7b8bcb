/*
 * report_growth - how the rows of a report grow from mark to mark.
 */
#ifndef MEMPROF_CLI_REPORT_GROWTH_H
#define MEMPROF_CLI_REPORT_GROWTH_H

#include "cli/report.h"

/* Of the report, profile, query and trends are set. To stdout. */
void report_growth_text(const struct report *r);
void report_growth_json(const struct report *r);

#endif
