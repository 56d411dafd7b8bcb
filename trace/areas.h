/*
 * areas - the address space of a process, as the kernel lists it.
 */
#ifndef MEMPROF_TRACE_AREAS_H
#define MEMPROF_TRACE_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum area_kind {
	AREA_ANONYMOUS,
	AREA_FILE, /* also shared memory, which has one behind it */
	AREA_HEAP, /* up to the break */
	AREA_STACK, /* of the first thread */
	AREA_OTHER, /* devices, the kernel's own, memprof's */
};

struct area {
	uint64_t start, end;
	uint64_t inode;
	enum area_kind kind;
	bool readable, writable, executable, shared;
};

struct areas {
	struct area *list; /* owned, in order */
	size_t count, capacity;
};

/* False when there is no such process, or it may not be looked at. */
bool areas_read(struct areas *a, int32_t pid);
void areas_release(struct areas *a);

#endif
