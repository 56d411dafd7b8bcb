/*
 * losses - events that a process could not record: how many, when and where.
 */
#ifndef MEMPROF_TRACE_LOSSES_H
#define MEMPROF_TRACE_LOSSES_H

#include <stddef.h>
#include <stdint.h>

struct losses {
	uint64_t events;
	uint64_t from, until; /* ns since the start */
	uint32_t thread; /* + 1, of the trace; 0 when it was not only one */
};

/* `more` was lost, too. */
void losses_add(struct losses *l, const struct losses *more);

/* For people, with the name of the only thread, if it was. */
void losses_describe(const struct losses *l, const char *thread, char *text,
		     size_t size);

#endif
