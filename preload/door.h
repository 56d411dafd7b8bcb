/*
 * door - ask the collector for the ring, where /proc does not lead to it.
 */
#ifndef MEMPROF_PRELOAD_DOOR_H
#define MEMPROF_PRELOAD_DOOR_H

#include "preload/env.h"

/* A descriptor, which the caller closes, of what may be the ring; or -1. */
int door_ask(const struct env_ring *env);

#endif
