/*
 * moment - what stands behind the @ of TRACE@WHEN.
 *
 *	end, peak		of the heap, over all processes
 *	12.5s			after the start: also h, m, ms, us, ns
 *	50%			of the duration
 *	mark:NAME, mark:NAME#2	the last mark of that name, the second
 */
#ifndef MEMPROF_ANALYZER_MOMENT_H
#define MEMPROF_ANALYZER_MOMENT_H

#include "trace/err.h"
#include "trace/instant.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stdint.h>

enum moment_kind {
	MOMENT_END,
	MOMENT_PEAK,
	MOMENT_TIME, /* after all events of that time */
	MOMENT_EVENT, /* after so many events */
};

struct moment {
	enum moment_kind kind;
	uint64_t time; /* ns; of any kind */
	uint64_t events; /* MOMENT_EVENT */
};

/* Can it be one, whatever the trace? */
bool moment_is_possible(const char *when);

/* -1 with err set when there is no such moment in the trace. */
int moment_parse(const struct trace *t, const char *when, struct moment *m,
		 struct err *err);

/* Moves an instant there. */
int moment_seek(const struct moment *m, const struct trace *t,
		struct instant *i, struct err *err);

#endif
