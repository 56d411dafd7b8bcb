/*
 * check_file - what a gate demands, as a file that is kept with the sources.
 *
 *	min-quality = complete
 *	max-peak = 200MiB
 *
 *	[cache]
 *	where = file ~ "cache-*.c"
 *	max-live = 10MiB
 *
 * An INI file, in which each section is a scope of its own, and an indented
 * line continues a condition. Described in man/memprof-check.1.
 */
#ifndef MEMPROF_CLI_CHECK_FILE_H
#define MEMPROF_CLI_CHECK_FILE_H

#include "cli/check/check_rules.h"

/* Adds what stands in it. -1 with err set, "limits.ini:3: ...". */
int check_file_read(struct check_rules *r, const char *path, struct err *err);

#endif
