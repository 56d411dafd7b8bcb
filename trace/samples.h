/*
 * samples - how much memory there was, over time.
 *
 * Taken by the collector about every 10 ms, and less often the longer a run
 * lasts: a step is never longer than 1/512 of the time until then, so ten
 * hours make some 5,000 samples and none is ever thrown away. Each holds the
 * highest that heap and mappings have been since the one before, so no peak
 * falls between two.
 */
#ifndef MEMPROF_TRACE_SAMPLES_H
#define MEMPROF_TRACE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/book.h"
#include "trace/err.h"
#include "trace/model.h"
#include "trace/writer.h"

enum samples_column {
	SAMPLES_HEAD, /* first, count */
	SAMPLES_TIMES, /* ns since the sample before, 0 for the first here */
	SAMPLES_TOTALS, /* of heap and of mappings: bytes, high - bytes */
	SAMPLES_COUNTS, /* processes */
	SAMPLES_PROCESSES, /* number, heap, mappings, resident, shared */
	SAMPLES_COLUMNS,
};

struct samples {
	struct model_sample *list; /* owned */
	size_t count, capacity;
	struct model_usage *usage; /* owned; of all samples */
	size_t usage_count, usage_capacity;
	size_t written; /* to the file */
	uint64_t next; /* ns: when one is due */
};

/* Takes one when it is due; `now` is ns since the start of the run. */
void samples_take(struct samples *s, struct book *b, uint64_t now);
/* The last one, at the end of the run. */
void samples_finish(struct samples *s, struct book *b, uint64_t now);
void samples_release(struct samples *s);

/* Writes what is new. */
int samples_write(struct samples *s, struct writer *w, struct err *err);
/* Readers: as marks_read(). */
bool samples_read(struct samples *s, const uint8_t *payload, size_t size,
		  uint64_t *budget);

#endif
