/*
 * space - what code stands where in the address space of a process.
 *
 * Turns the frames of the ring (ring.h: an address and marks) into numbers of
 * frames. What an address meant is remembered until a module comes or goes;
 * `generation` then changes, and says to others who remember that they have to
 * ask again.
 */
#ifndef MEMPROF_TRACE_SPACE_H
#define MEMPROF_TRACE_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/frames.h"

struct space_module {
	uint64_t start, end;
	uint64_t bias;
	uint32_t module;
};

struct space_known {
	uint64_t word; /* as in the ring; 0 free */
	uint32_t frame;
};

struct space {
	struct space_module *modules; /* sorted, owned */
	size_t count, capacity;
	struct space_known *known; /* owned */
	size_t known_size, known_count;
	uint32_t generation;
};

/* Modules that overlap have been replaced by this one. */
void space_add(struct space *s, struct space_module module);
/* The module that starts there is gone; nothing when there is none. */
void space_remove(struct space *s, uint64_t start);
/* A forked child has what its parent had. */
void space_copy(struct space *to, const struct space *from);
/* The frame for a word of a ring's stack. */
uint32_t space_frame(struct space *s, uint64_t word, struct frames *frames);
/* Keeps the modules, for children to come; not what is quickly found again. */
void space_retire(struct space *s);
void space_release(struct space *s);

#endif
