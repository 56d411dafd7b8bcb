/*
 * recording - the options that say what is recorded, and to where: the same
 * words in every command that makes a trace.
 */
#ifndef MEMPROF_CLI_RECORDING_H
#define MEMPROF_CLI_RECORDING_H

#include <argp.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/keeper.h"
#include "trace/ring.h"

struct recording {
	const char *output; /* NULL: the default */
	uint32_t ring_flags; /* RECORDING_FLAGS at first */
	uint64_t sample; /* bytes, 0 record all */
	uint64_t max_size; /* bytes, 0 any */
	bool force, quiet, redact, no_symbols;
	bool strict_roots; /* of leaks: see trace/roots.h */
	bool has_leaks_at;
	regex_t leaks_at; /* marks at which it is looked what is lost */
};

#define RECORDING_OUTPUT "%n.%p.mprof"

enum {
	RECORDING_FLAGS = RING_FOLLOW | RING_PYTHON | RING_PYTHON_OBJECTS,
};

/* A child of the command's argp. Its input is the recording. */
extern const struct argp recording_argp;

/* For the collector: of the name of a mark; its context is the recording. */
bool (*recording_is_looked_at(const struct recording *r))(void *, const char *);

/* Waits for what puts names into the trace at `path`, and says if none are. */
void recording_keep(const struct recording *r, struct keeper *k,
		    const char *path);

#endif
