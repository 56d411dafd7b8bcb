/*
 * losses - see losses.h.
 *
 * The counts come from the ring, where the program may write what it likes: a
 * sum that does not fit is as much as there can be.
 */
#include "trace/losses.h"

#include <inttypes.h>
#include <stdio.h>

void losses_add(struct losses *l, const struct losses *more)
{
	if (!l->events) {
		*l = *more;
		return;
	}
	if (__builtin_add_overflow(l->events, more->events, &l->events))
		l->events = UINT64_MAX;
	if (more->from < l->from)
		l->from = more->from;
	if (more->until > l->until)
		l->until = more->until;
	if (more->thread != l->thread)
		l->thread = 0;
}

void losses_describe(const struct losses *l, const char *thread, char *text,
		     size_t size)
{
	snprintf(text, size,
		 "%" PRIu64 " event%s lost between %.3f s and %.3f s, in %s%s",
		 l->events, l->events == 1 ? "" : "s", (double)l->from / 1e9,
		 (double)l->until / 1e9, thread ? "thread " : "several threads",
		 thread ? thread : "");
}
