/*
 * records - what the records of the ring mean.
 *
 * Takes them one by one from a thread's stream and tells the book. Checks
 * everything that stream.h does not: a record that can not mean anything
 * breaks the stream.
 */
#ifndef MEMPROF_TRACE_RECORDS_H
#define MEMPROF_TRACE_RECORDS_H

#include <stdbool.h>

#include "trace/book.h"
#include "trace/stream.h"
#include "trace/thread.h"

/* False when the record lies. */
bool records_apply(struct book *b, struct thread *t,
		   const struct stream_record *r);

#endif
