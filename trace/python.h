/*
 * python - what the collector knows about the interpreter in a process.
 *
 * Its agent gives each code object a number and says once what it is; here
 * numbers become those of codes.h, and words of the ring frames.
 */
#ifndef MEMPROF_TRACE_PYTHON_H
#define MEMPROF_TRACE_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/codes.h"
#include "trace/frames.h"
#include "trace/ring.h"

/* A number of the ring. */
struct python_code {
	uint32_t code; /* + 1; 0: nothing was said */
	/* Frames that have not come to this instruction are hidden. */
	uint32_t first_traceable;
	bool hides; /* there are any */
};

struct python {
	struct python_code *codes; /* owned, by number */
	size_t count, capacity;
	/* The native evaluation loop: first byte, one past the last. */
	uint64_t loops[RING_PYTHON_RANGES][2];
	uint32_t loop_count;
	uint32_t version; /* as PY_VERSION_HEX; 0: there is none */
};

/* A forked child has what its parent had. */
void python_copy(struct python *to, const struct python *from);
void python_release(struct python *p);

/* Of RING_NOTE_PYTHON. False when it lies. */
bool python_take_loops(struct python *p, const void *payload, size_t size);

/* What RING_NOTE_CODE said of number `number`: struct ring_code and the rest. */
bool python_take_code(struct python *p, struct codes *codes, uint32_t number,
		      const char *bytes, size_t size);

/* Is it a return address in the native evaluation loop? */
static inline bool python_is_loop(const struct python *p, uint64_t pc)
{
	for (uint32_t i = 0; i < p->loop_count; i++)
		if (pc > p->loops[i][0] && pc <= p->loops[i][1])
			return true;
	return false;
}

/* Is there nothing to be shown of this frame? As Python itself does. */
bool python_is_hidden(const struct python *p, uint64_t word);

/* The frame for a word of a stack of Python. */
uint32_t python_frame(const struct python *p, uint64_t word,
		      struct frames *frames);

#endif
