/*
 * thread - see thread.h.
 */
#include "trace/thread.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

struct thread *thread_create(struct process *p, uint32_t slot)
{
	struct thread *t = xcalloc(1, sizeof(*t));

	t->process = p;
	t->slot = slot;
	t->stack = xgrow(NULL, &t->capacity, 1, sizeof(*t->stack));
	return t;
}

void thread_destroy(struct thread *t)
{
	free(t->stack);
	hybrid_destroy(t->hybrid);
	gc_drop(t->gc);
	free(t->code.bytes);
	free(t);
}

bool thread_keep_and_grow(struct thread *t, size_t keep, size_t more)
{
	if (keep > t->depth || keep + more > RING_DEPTH + RING_COUNT_MAX)
		return false;
	t->depth = keep;
	t->stack = xgrow(t->stack, &t->capacity, keep + more + 1,
			 sizeof(*t->stack));
	return true;
}
