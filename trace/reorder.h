/*
 * reorder - two events on one address whose stamps are the wrong way round.
 *
 * A processor may read its cycle counter before what stands before that in the
 * program: by some hundred cycles. So of a block that goes from thread to
 * thread at once the end may be stamped before the beginning, or before the
 * end of the block that had the address last. What came too early is kept for
 * as long as its partner may still come, which only another thread can bring:
 * those of one thread are always in order.
 *
 * An address has one place; who needs it next takes it.
 */
#ifndef MEMPROF_TRACE_REORDER_H
#define MEMPROF_TRACE_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REORDER_PLACES = 64,
	/* Cycles by which two events that follow one another may be stamped
	 * the wrong way round: 200 were seen. */
	REORDER_WINDOW = 4096,
};

#define REORDER_ANYBODY UINT32_MAX

/* An event that came before its partner. */
struct reorder_event {
	uint64_t addr; /* 0: none */
	uint64_t stamp;
	uint32_t slot; /* of its thread, or REORDER_ANYBODY */
};

struct reorder {
	struct reorder_event *place; /* owned; NULL before the first */
	size_t count;
};

void reorder_keep(struct reorder *r, const struct reorder_event *e);
void reorder_release(struct reorder *r);
/* Is `e` the partner of one that was kept? That is then forgotten, and in `e`. */
bool reorder_take_slowly(struct reorder *r, struct reorder_event *e);

static inline bool reorder_take(struct reorder *r, struct reorder_event *e)
{
	return r->count && reorder_take_slowly(r, e);
}

#endif
