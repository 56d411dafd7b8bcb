/*
 * modules - the files that are mapped as code, as the agent knows them.
 *
 * Found when code of theirs is first seen on a stack, through glibc's
 * _dl_find_object(): it takes no lock and may be called from anywhere, so no
 * wrapper around dlopen is needed (which would change whose RUNPATH counts)
 * and no dl_iterate_phdr under malloc, the classic deadlock of this field.
 */
#ifndef MEMPROF_PRELOAD_MODULES_H
#define MEMPROF_PRELOAD_MODULES_H

#include "preload/agent.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module {
	uintptr_t start, end; /* mapped addresses */
	uintptr_t bias;
	uintptr_t table; /* .eh_frame_hdr, 0 none */
	uintptr_t low, high; /* the readable segment around it */
};

/* Copy what is known of the module that holds `pc`. False: none does. */
bool modules_find(uintptr_t pc, struct module *m);

static inline bool modules_are_unloading(void)
{
	return atomic_load_explicit(&agent.local->unloading,
				    memory_order_relaxed) != 0;
}

/* Forget all, without a word: the trace is a new one. */
void modules_restart(void);

/* A dlclose is about to begin, has ended: `begun` is what the first gave. */
uint32_t modules_unload_begin(void);
void modules_unload_end(struct thread *t, uint32_t begun);

#endif
