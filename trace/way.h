/*
 * way - how a process whose threads stand still is made to leave a copy of
 * itself.
 *
 * It is inject/copier.h's, of which the collector knows this much only.
 */
#ifndef MEMPROF_TRACE_WAY_H
#define MEMPROF_TRACE_WAY_H

#include <stdint.h>

#include "trace/err.h"
#include "trace/freeze.h"

struct way {
	/* Before they are stopped. NULL with err set: it can not be. */
	void *(*open)(int32_t pid, struct err *err);
	/* Gives the copy's pid, or -1 with err set. */
	int (*make)(void *opened, struct freeze *f, struct err *err);
	void (*close)(void *opened); /* NULL allowed */
};

#endif
