/*
 * api - what the program says by memprof.h.
 *
 * The program finds one symbol, a table of functions that may grow at its end.
 * Each is as cheap and as careful as a wrapper of malloc: it may be called from
 * anywhere that malloc may.
 */
#include "preload/memprof.h"
#include "preload/record.h"
#include "preload/sample.h"

#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum {
	NAME_MAX_SIZE = 256, /* bytes; longer names are cut */
};

extern const struct memprof_agent memprof_agent_api;

static void mark(const char *name)
{
	const struct registers caller = CALLER_REGISTERS();
	struct thread *t = name ? record_enter(&caller) : NULL;

	if (!t)
		return;
	record_payload(t, RING_NOTE, RING_NOTE_MARK, name,
		       strnlen(name, NAME_MAX_SIZE));
	record_leave();
}

/* Switches, and says so when it was not so before. */
static void set_recording(const struct registers *caller, bool on)
{
	struct thread *t = record_enter(caller);
	_Atomic uint32_t *word;
	uint32_t was = RING_RECORDING_ON;

	if (!t)
		return;
	word = &agent.ring->header.recording;
	if (on && atomic_exchange_explicit(word, RING_RECORDING_ON,
					   memory_order_relaxed))
		record_payload(t, RING_NOTE, RING_NOTE_STARTED, "", 0);
	if (!on && atomic_compare_exchange_strong_explicit(
			   word, &was, RING_RECORDING_OFF, memory_order_relaxed,
			   memory_order_relaxed))
		record_payload(t, RING_NOTE, RING_NOTE_STOPPED, "", 0);
	record_leave();
}

static void start(void)
{
	const struct registers caller = CALLER_REGISTERS();

	set_recording(&caller, true);
}

static void stop(void)
{
	const struct registers caller = CALLER_REGISTERS();

	set_recording(&caller, false);
}

static const void *pool_addr(const void *block)
{
	return (const void *)((uintptr_t)block | RING_POOL_ADDR);
}

static void pool_alloc(const void *block, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	const void *addr = pool_addr(block);
	struct thread *t;

	if (!block || (agent.sample && !sample_takes(addr, size)))
		return;
	t = record_enter(&caller);
	if (!t)
		return;
	record_alloc(t, RING_ALLOC, addr, size, &caller);
	record_leave();
}

static void pool_free(const void *block)
{
	const struct registers caller = CALLER_REGISTERS();
	const void *addr = pool_addr(block);
	struct thread *t;

	if (!block || (agent.sample && !sample_remove(addr)))
		return;
	t = record_enter(&caller);
	if (!t)
		return;
	record_free(t, RING_FREE, addr);
	record_leave();
}

EXPORT const struct memprof_agent memprof_agent_api = {
	.size = sizeof(memprof_agent_api),
	.mark = mark,
	.start = start,
	.stop = stop,
	.alloc = pool_alloc,
	.free = pool_free,
};
