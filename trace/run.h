/*
 * run - the first block of a trace, what was run, and the last, how it ended.
 */
#ifndef MEMPROF_TRACE_RUN_H
#define MEMPROF_TRACE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/checkpoint.h"
#include "trace/column.h"
#include "trace/reader.h"

enum run_column {
	RUN_NUMBERS, /* number of arguments, ns since 1970, sample */
	RUN_STRINGS, /* arguments, directory, host, version of memprof */
	RUN_COLUMNS,
};

enum run_end_column {
	RUN_END_NUMBERS, /* ns, zigzag of the status */
	RUN_END_STATE, /* as checkpoint_put_state() */
	RUN_END_COLUMNS,
};

/*
 * With `redact` only the name of the program is written, and how many arguments
 * it has.
 */
void run_write(size_t argc, char *const *argv, uint64_t sample, bool redact,
	       struct column *c);
void run_write_end(uint64_t duration, int status, const struct checkpoint *at,
		   struct column *c);

/*
 * Readers: fill `run`, whose strings are then owned by it, and released with
 * run_release(). False when the block lies.
 */
bool run_read(const uint8_t *payload, size_t size, struct trace_run *run);
bool run_read_end(const uint8_t *payload, size_t size, struct trace_run *run,
		  struct checkpoint *at);
void run_release(struct trace_run *run);

#endif
