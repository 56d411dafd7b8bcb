/*
 * target - a running process that the agent is to be loaded into.
 *
 * Who it is, is held by a pidfd and its time of birth: a pid that is used
 * again is another process. What stands in the way is found before anything is
 * done to it.
 */
#ifndef MEMPROF_INJECT_TARGET_H
#define MEMPROF_INJECT_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "inject/maps.h"
#include "trace/err.h"

struct target {
	pid_t pid;
	int pidfd; /* readable once it has ended; owned */
	int memory; /* /proc/PID/mem, owned */
	uint64_t born; /* as in /proc/PID/stat */
	bool sandboxed; /* a thread of it runs under seccomp */
	struct maps maps;
};

/* -1 with err set: there is none, or nothing can be loaded into it. */
int target_open(struct target *t, pid_t pid, struct err *err);
void target_close(struct target *t);

/* It may have mapped other things since. */
int target_look(struct target *t, struct err *err);

/* The process that traces it, a debugger or another memprof; 0 none. */
pid_t target_tracer(const struct target *t);

/* Is it still who it was? */
bool target_is_same(const struct target *t);

/* The agent in it; NULL none. */
const struct map *target_agent(const struct target *t);
/* Was that loaded by attaching, and not when it was started? */
bool target_agent_is_late(const struct map *agent);

/* The pid of the memprof that records it, 0 none. */
pid_t target_collector(const struct target *t);

/* Its threads, at most `most`, the main one first. Gives how many. */
size_t target_threads(const struct target *t, pid_t *tids, size_t most);

#endif
