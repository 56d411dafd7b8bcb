/*
 * launch - start the program with the agent in it.
 */
#ifndef MEMPROF_CLI_LAUNCH_H
#define MEMPROF_CLI_LAUNCH_H

#include "cli/limits.h"
#include "trace/err.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct launch {
	pid_t pid; /* forked and waiting to be let go */
	int pidfd; /* of it */
	int go; /* write end: a byte, and it executes the program */
	int failed; /* read end: errno, when that did not work */
	int output; /* to be its standard output; -1: it has ours */
	struct limits limits; /* lifted for us, not for the child */
};

/* Where the agent is, seen from this very binary. -1 with err set. */
int launch_find_agent(char path[PATH_MAX], struct err *err);

/*
 * Fork a child that waits. The names and numbers of everything it needs are
 * given to launch_go().
 */
int launch_prepare(struct launch *l, char *const *argv, const char *path,
		   struct err *err);

/*
 * Let it go: traced by the agent at `agent` over the ring `fd` (any number,
 * inherited), or untraced when `agent` is NULL. 0, or the errno of execve.
 */
struct launch_ring {
	const char *agent;
	int fd;
	unsigned long long nonce;
};
int launch_go(struct launch *l, const struct launch_ring *ring);

/*
 * Is the program past the loader? It is when it sleeps, or has used as much of
 * a processor as no loader takes: on a busy machine time alone tells nothing.
 */
bool launch_is_under_way(const struct launch *l);

/* Never mind: the child ends without having run anything. */
void launch_cancel(struct launch *l);

#endif
