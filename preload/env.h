/*
 * env - how the ring's whereabouts travel in the environment, unseen.
 *
 * The collector starts the program with two variables: LD_PRELOAD, with the
 * agent first and what the user had set after it, and MEMPROF_RING. The agent
 * takes both out before the program's own code runs, so the program sees the
 * environment that the user gave it; and puts them back into the environment
 * of what the program executes, when children are followed.
 */
#ifndef MEMPROF_PRELOAD_ENV_H
#define MEMPROF_PRELOAD_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env_ring {
	int32_t collector; /* pid */
	int32_t fd; /* of the ring, in the collector and at first in us */
	uint64_t device, inode, nonce;
	uint64_t sandbox; /* the collector's sandbox_depth() */
	uint64_t parent, parent_serial; /* who executes this; 0 not traced */
};

/* Read and remove our variables. False when they are not (rightly) there. */
bool env_take(struct env_ring *ring);

/* In decimal digits; gives their end. */
char *env_put_number(char *at, uint32_t value);

/* What the kernel was asked to execute, as it was said; NULL unknown. */
const char *env_program(void);

/* False when MEMPROF_FOLLOW=no is there: what is executed is not traced. */
bool env_follows(char *const *envp);

/*
 * The environment to execute something with. `list` has env_room(envp)
 * elements; `text` env_text_size(envp) bytes. Gives envp itself when there is
 * nothing to add. Calls nothing, so a vfork child may.
 */
size_t env_room(char *const *envp);
size_t env_text_size(char *const *envp);
char *const *env_give(char *const *envp, char **list, char *text);

#endif
