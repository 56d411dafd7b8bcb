/*
 * safe - may functions be called in a stopped thread, where it stands?
 *
 * What will be called loads a library: it takes the loader's lock and
 * allocates. Other threads may hold those locks, they run on and give them
 * back; this one must not hold any. So it is stepped outwards through its
 * whole stack: none of its frames may be in the C library or the loader, but
 * for those that every thread begins with, and a system call at the top that
 * it waits in, made by a function that is known to hold nothing meanwhile.
 */
#ifndef MEMPROF_INJECT_SAFE_H
#define MEMPROF_INJECT_SAFE_H

#include "inject/image.h"
#include "inject/maps.h"
#include "inject/tracee.h"

enum {
	SAFE_IMAGES = 64, /* modules on one stack */
};

struct safe {
	const struct maps *maps; /* borrowed */
	int memory; /* borrowed */
	struct image image[SAFE_IMAGES];
	size_t images;
	uintptr_t trampoline; /* where signal handlers return to */
};

/* NULL: it is safe. Else why not, static text. `low`: where its stack ends. */
const char *safe_verdict(struct safe *s, const struct tracee *t,
			 uintptr_t *low);
void safe_release(struct safe *s);

/* The module at `addr`; NULL none. Owned by `s`. */
struct image *safe_image(struct safe *s, uintptr_t addr);

#endif
