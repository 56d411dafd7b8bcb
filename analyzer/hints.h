/*
 * hints - findings that somebody may want to do something about, in figures
 * that front ends make sentences of.
 */
#ifndef MEMPROF_ANALYZER_HINTS_H
#define MEMPROF_ANALYZER_HINTS_H

#include "analyzer/query.h"

#include <stddef.h>
#include <stdint.h>

enum query_hint_kind {
	/* blocks, bytes: freed by the cyclic collector; ns: late at most */
	QUERY_HINT_CYCLES,
	/* bytes: copied by realloc; blocks: moves; steps: a block, at most */
	QUERY_HINT_GROWTH,
	/* blocks: temporary ones; bytes: of all blocks there */
	QUERY_HINT_TEMPORARY,
	/* blocks: ever; bytes: the most; steps: parts of the run it grew in */
	QUERY_HINT_GROWS,
	/* blocks, bytes: just too large for pymalloc */
	QUERY_HINT_LARGE,
	/* bytes: free in arenas; blocks: arenas; place: who keeps most */
	QUERY_HINT_ARENAS,
	/* bytes: free in malloc's heap at the end; blocks: live in it */
	QUERY_HINT_FREE,
	/* type; blocks: instances, bytes: they and their dicts, steps: values */
	QUERY_HINT_SLOTS,
	/* bytes: at the peak; ns: they lived, median; steps of the longest */
	QUERY_HINT_LIST,
	QUERY_HINTS,
};

const char *query_hint_name(enum query_hint_kind kind);

struct query_hint {
	enum query_hint_kind kind;
	struct query_frame place; /* NULLs: of no place */
	const char *type; /* NULL none */
	uint64_t saving; /* bytes, at most */
	uint64_t blocks, bytes, steps, ns; /* see the kind */
};

struct query_hints {
	const struct query_hint *items; /* largest saving first */
	size_t count;
};

/* NULL with err set. Reads all events. */
const struct query_hints *profile_hints(struct profile *p, struct err *err);

#endif
