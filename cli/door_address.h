/*
 * door_address - where the door of a ring is; see trace/ring.h.
 */
#ifndef MEMPROF_CLI_DOOR_ADDRESS_H
#define MEMPROF_CLI_DOOR_ADDRESS_H

#include "cli/door.h"
#include "trace/ring.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* Fills the address and gives its size. */
static inline socklen_t door_address(struct sockaddr_un *name, ino_t ring)
{
	int size;

	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	size = snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1,
			RING_DOOR "%llx", (unsigned long long)ring);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)size);
}

#endif
