/*
 * stack - what the thread's stack is, as a difference to what it last was.
 *
 * Between stack_capture() and stack_accept() the new frames lie in
 * thread.fresh, innermost first; thread.stack still holds the last stack,
 * outermost first, exactly as the collector knows it.
 */
#ifndef MEMPROF_PRELOAD_STACK_H
#define MEMPROF_PRELOAD_STACK_H

#include "preload/agent.h"

struct capture {
	uint32_t keep; /* outer frames of the last stack that stay */
	uint32_t fresh; /* frames to append to them */
	bool cut; /* frames are missing in the middle */
	bool switched; /* it lies on more than one stack */
};

/* False when no page is left to hold frames. */
bool stack_start(struct thread *t);

/*
 * Into the caller's `c`: returned in registers, it is stored in parts and
 * loaded as a whole, which stalls.
 */
void stack_capture(struct thread *t, const struct registers *caller,
		   struct capture *c);

/* The capture has been sent: make it the thread's stack. */
void stack_accept(struct thread *t, const struct capture *c);

/* A page that the thread keeps. NULL when there is none left. */
struct frame_page *stack_take_page(const struct thread *t);

static inline struct frame *stack_frame(struct frame_page *const *pages,
					uint32_t i)
{
	return &pages[i / AGENT_PAGE_FRAMES]->frame[i % AGENT_PAGE_FRAMES];
}

#endif
