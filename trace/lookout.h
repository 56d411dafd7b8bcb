/*
 * lookout - looks at processes that go on: when somebody asks for it, and at
 * the marks that are to have it.
 */
#ifndef MEMPROF_TRACE_LOOKOUT_H
#define MEMPROF_TRACE_LOOKOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/book.h"
#include "trace/census.h"
#include "trace/clock.h"
#include "trace/copies.h"
#include "trace/err.h"

enum {
	LOOKOUT_NAME = 32, /* bytes */
};

struct lookout {
	struct book *book; /* borrowed, as all here */
	struct census *census;
	struct copies *copies;
	const struct clock *clock;
	void (*pass)(void *collector); /* takes records from the ring */
	void *collector;
	/* NULL: at no mark. */
	bool (*is_looked_at)(void *context, const char *name);
	void *context;
	size_t seen; /* marks */
	uint64_t looked; /* ns: the mark of lookout_ask(), */
	unsigned int asked; /* and how many there were */
};

/* See collector_leaks(). */
int lookout_ask(struct lookout *l, int32_t pid, char *name, struct err *err);
bool lookout_is_busy(const struct lookout *l);

/* Each pass: looks at the new marks. */
void lookout_look(struct lookout *l);

#endif
