/*
 * bare_trace - the functions of trace/reader.h that say there is nothing, for
 * tests that have the others in place of the library's.
 */
#ifndef MEMPROF_TESTS_BARE_TRACE_H
#define MEMPROF_TESTS_BARE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/blocks.h"
#include "trace/reader.h"

const char *trace_problem(const struct trace *t)
{
	(void)t;
	return NULL;
}

const struct model_mark *trace_marks(const struct trace *t, size_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

const struct model_leaks *trace_leaks(const struct trace *t, size_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

const struct model_gc *trace_gc(const struct trace *t, size_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

const struct model_objects *trace_objects(const struct trace *t, size_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

void trace_on_read(struct trace *t, bool (*stops)(void *arg), void *arg)
{
	(void)t;
	(void)stops;
	(void)arg;
}

const struct blocks *trace_blocks(const struct trace *t)
{
	static const struct blocks none;

	(void)t;
	return &none;
}

#endif
