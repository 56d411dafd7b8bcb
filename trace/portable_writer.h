/*
 * portable_writer - puts functions and lines into a trace; see portable.h.
 */
#ifndef MEMPROF_TRACE_PORTABLE_WRITER_H
#define MEMPROF_TRACE_PORTABLE_WRITER_H

#include "trace/portable.h"
#include "trace/writer.h"

struct portable_writer;

/* `t` is borrowed, `flags` are of enum portable_flags. */
struct portable_writer *portable_writer_create(const struct trace *t,
					       uint32_t flags);
void portable_writer_destroy(struct portable_writer *w);

/* The next frame in order; 0 when there is none. */
bool portable_writer_next(const struct portable_writer *w, uint32_t *frame);

/*
 * Its calls; a block that has become large is written. Strings are borrowed
 * until the writer is destroyed, and equal ones are at the same address.
 */
int portable_writer_put(struct portable_writer *w, struct writer *out,
			const struct portable_call *calls, size_t count,
			struct err *err);
/* What is left; `states` are of enum portable_state, one a module. */
int portable_writer_finish(struct portable_writer *w, struct writer *out,
			   const uint8_t *states, size_t modules,
			   struct err *err);

#endif
