/*
 * limits - the limits that the user set are for the program, not for memprof.
 *
 * A program that is run with few descriptors, little memory or no files to
 * write is traced all the same, by a collector that has what it can get.
 */
#ifndef MEMPROF_CLI_LIMITS_H
#define MEMPROF_CLI_LIMITS_H

#include <sys/resource.h>

enum {
	LIMITS_COUNT = 5,
};

struct limits {
	struct rlimit before[LIMITS_COUNT];
};

/* Lift those of this process, as far as it may, and remember what they were. */
void limits_lift(struct limits *l);

/* In the child: as they were. */
void limits_restore(const struct limits *l);

/* What the program may have of address space, in bytes; RLIM_INFINITY. */
rlim_t limits_address_space(const struct limits *l);

#endif
