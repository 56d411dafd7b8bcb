/*
 * leaks - which blocks of a process nothing points to any more, and who holds
 * the others.
 *
 * Found once, when the process ends, and said per site: how many of its blocks
 * are of which class. A process that could not be looked at has an entry too,
 * which says why.
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
	/* process, ns, bytes not read, 1: replaced, sites, roots */
	LEAKS_HEAD,
	LEAKS_STRINGS, /* why it was not looked at; empty: it was */
	/* site less that before less 1; blocks of each class that are not 0 as
	 * bits, and for each of these blocks and bytes; what it holds */
	LEAKS_SITES,
	/* kind, module + 1, address, thread, blocks and bytes held */
	LEAKS_ROOTS,
	LEAKS_COLUMNS,
};

struct leaks {
	struct model_leaks *list; /* owned, with what is in it */
	size_t count, capacity;
	size_t written; /* to the file */
};

/* Takes over the arrays and the string of `l`. */
void leaks_add(struct leaks *all, const struct model_leaks *l);
/* Has the process an entry? */
bool leaks_has(const struct leaks *all, uint32_t process);
void leaks_release(struct leaks *all);

void leaks_put(const struct model_leaks *l, struct column *c);
/* Writes what is new. */
int leaks_write(struct leaks *all, struct writer *w, struct err *err);
/* Readers: as marks_read(). */
bool leaks_read(struct leaks *all, const uint8_t *payload, size_t size,
		uint64_t *budget);

#endif
