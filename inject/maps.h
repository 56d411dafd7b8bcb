/*
 * maps - what a process has mapped, from /proc/PID/maps.
 */
#ifndef MEMPROF_INJECT_MAPS_H
#define MEMPROF_INJECT_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/err.h"

struct map {
	uintptr_t low, high;
	uint64_t offset, inode;
	unsigned int major, minor;
	char flags[5]; /* as "r-xp" */
	const char *path; /* without " (deleted)"; "" none */
};

struct maps {
	struct map *list; /* owned, as the paths are; by address */
	size_t count, capacity;
	char *text;
};

/* Empty for a thread of the kernel. -1 with err set. */
int maps_read(struct maps *m, pid_t pid, struct err *err);
void maps_release(struct maps *m);

/* NULL: nothing is mapped there. */
const struct map *maps_at(const struct maps *m, uintptr_t addr);

/* The last part of its path. */
const char *map_name(const struct map *map);

/* The first mapping whose name begins so and is code; NULL none. */
const struct map *maps_code(const struct maps *m, const char *name);

#endif
