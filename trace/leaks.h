/*
 * leaks - which blocks of a process nothing points to any more, and who holds
 * the others.
 *
 * Found when the process ends, and when somebody asks before that; said per
 * site: how many of its blocks are of which class. A process that could not be
 * looked at has an entry too, which says why.
 */
#ifndef MEMPROF_TRACE_LEAKS_H
#define MEMPROF_TRACE_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/column.h"
#include "trace/err.h"
#include "trace/model.h"
#include "trace/writer.h"

enum leaks_column {
	/* process, ns, bytes not read, enum leaks_flags, sites, roots; of one
	 * that goes on: ns that it was stopped */
	LEAKS_HEAD,
	/* why it was not looked at; of one that goes on: why it had to stand
	 * until all was read; empty: it was, it had not */
	LEAKS_STRINGS,
	/* site less that before less 1; blocks of each class that are not 0 as
	 * bits, and for each of these blocks and bytes; what it holds */
	LEAKS_SITES,
	/* kind, module + 1, address, thread, blocks and bytes held */
	LEAKS_ROOTS,
	LEAKS_COLUMNS,
};

enum leaks_flags {
	LEAKS_REPLACED = 1,
	LEAKS_GOES_ON = 2,
};

struct leaks {
	struct model_leaks *list; /* owned, with what is in it */
	size_t count, capacity;
	size_t written; /* to the file */
};

/* Takes over the arrays and the string of `l`. */
void leaks_add(struct leaks *all, const struct model_leaks *l);
/* Has the process an entry, of its end? */
bool leaks_has(const struct leaks *all, uint32_t process);
void leaks_release(struct leaks *all);

void leaks_put(const struct model_leaks *l, struct column *c);
/* Writes what is new. */
int leaks_write(struct leaks *all, struct writer *w, struct err *err);
/* Readers: as marks_read(). */
bool leaks_read(struct leaks *all, const uint8_t *payload, size_t size,
		uint64_t *budget);

#endif
