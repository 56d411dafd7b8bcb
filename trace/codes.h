/*
 * codes - the code objects of Python that a run has used, each once.
 *
 * Processes that run the same code share its entry, and so do copies that a
 * program makes of it again and again: what is told apart is what is said.
 */
#ifndef MEMPROF_TRACE_CODES_H
#define MEMPROF_TRACE_CODES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"
#include "trace/model.h"

struct codes {
	struct model_code *list; /* owned, with strings and tables */
	size_t count, capacity;
	struct index index;
};

/* The number of the code object; `c` is copied when it is new. */
uint32_t codes_intern(struct codes *all, const struct model_code *c);
void codes_release(struct codes *all);

#endif
