/*
 * modules - the files with code that a run has used, each once.
 *
 * Processes that map the same file, told by path and build-id, share its
 * entry, and so their frames are the same.
 */
#ifndef MEMPROF_TRACE_MODULES_H
#define MEMPROF_TRACE_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/index.h"
#include "trace/model.h"

struct modules {
	struct model_module *list; /* owned, with path and build_id */
	size_t count, capacity;
	struct index index;
};

/* The number of the module; `m` is copied when it is new. */
uint32_t modules_intern(struct modules *all, const struct model_module *m);
void modules_release(struct modules *all);

#endif
