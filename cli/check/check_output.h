/*
 * check_output - where a gate writes what it found, and how: on stdout, and
 * into any number of files besides.
 */
#ifndef MEMPROF_CLI_CHECK_OUTPUT_H
#define MEMPROF_CLI_CHECK_OUTPUT_H

#include "cli/check.h"

struct check_output {
	void (*write)(const struct check *c, FILE *out);
	const char *path; /* NULL stdout */
};

struct check_outputs {
	struct check_output *items; /* owned */
	size_t count, room;
};

/* Text goes to stdout unless something else does that tells as much. */
void check_output_add(struct check_outputs *o,
		      void (*write)(const struct check *c, FILE *out),
		      const char *path);
/* Files are replaced. -1 with err set when one can not be written. */
int check_output_write(const struct check_outputs *o, const struct check *c,
		       struct err *err);

#endif
