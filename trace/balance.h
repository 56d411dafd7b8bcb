/*
 * balance - what the resident memory of processes consists of, now and then.
 *
 * Looking at every mapping of a process costs the kernel milliseconds when
 * there are many, so it is done once a second at most, and besides after a mark
 * and when a tenth more is resident than ever when it was done: the last one of
 * a run and the one close to its highest are what people ask about.
 */
#ifndef MEMPROF_TRACE_BALANCE_H
#define MEMPROF_TRACE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trace/book.h"
#include "trace/err.h"
#include "trace/mappings.h"
#include "trace/model.h"
#include "trace/samples.h"
#include "trace/writer.h"

enum balance_column {
	BALANCE_HEAD, /* count */
	BALANCE_NUMBERS, /* process, ns, bytes of each part */
	BALANCE_COLUMNS,
};

struct balance {
	struct model_balance *list; /* owned */
	size_t count, capacity;
	size_t written; /* to the file */
	uint64_t next; /* ns: when one is due */
	uint64_t highest; /* bytes resident that were looked at */
	size_t marks; /* there were then */
};

/* Takes one when it is due, after a sample; `now` is ns since the start. */
void balance_take(struct balance *b, const struct samples *s,
		  const struct book *book, uint64_t now);
void balance_release(struct balance *b);

/* Adds up /proc/PID/smaps. `own` are the mappings of the program itself. */
void balance_add_up(FILE *smaps, const struct mappings *own,
		    uint64_t bytes[MODEL_RESIDENTS]);

/* Writes what is new. */
int balance_write(struct balance *b, struct writer *w, struct err *err);
/* Readers: as marks_read(). */
bool balance_read(struct balance *b, const uint8_t *payload, size_t size,
		  uint64_t *budget);

#endif
