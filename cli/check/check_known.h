/*
 * check_known - leaks that are known: which files say so, and new ones from
 * what was found.
 */
#ifndef MEMPROF_CLI_CHECK_KNOWN_H
#define MEMPROF_CLI_CHECK_KNOWN_H

#include "analyzer/suppressions.h"
#include "cli/check.h"

/* Adds those of a file, whose name has to last. -1 with err set. */
int check_known_read(struct suppressions *s, const char *path, struct err *err);
/* Is there anything to object to, if one is strict? */
bool check_known_has_fault(const struct suppressions *s);
/* One for each stack that leaks in a trace, as valgrind's blocks. */
int check_known_write(const struct check *c, const char *path, struct err *err);

#endif
