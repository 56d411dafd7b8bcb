/*
 * histogram - how large blocks are, drawn.
 */
#ifndef MEMPROF_CLI_HISTOGRAM_H
#define MEMPROF_CLI_HISTOGRAM_H

#include "cli/report.h"

/* Of the report's blocks, whatever it is grouped by; text. */
void histogram_print(const struct report *r);

#endif
