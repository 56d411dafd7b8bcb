/*
 * interpose_lock - mlockall() locks the program's memory, not the agent's.
 *
 * The ring and the agent's own memory are 125 MiB of address space of which
 * little is ever used. The kernel would make all of it resident, and refuse to
 * when the user may not lock as much. So the mappings of the program are
 * locked one by one, when they are within the limit on locked memory: that is
 * what the kernel would have found without us. All else is left to the kernel.
 */
#include "preload/agent.h"
#include "preload/next.h"
#include "preload/rule.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define EXPORT __attribute__((visibility("default")))

/* /proc/self/maps, read a little at a time: the stack may be small. */
struct maps {
	long fd;
	long size, at;
	char text[256];
};

static int next_byte(struct maps *m)
{
	if (m->at >= m->size) {
		m->size = processor_syscall(SYS_read, m->fd, (long)m->text,
					    sizeof(m->text), 0);
		m->at = 0;
		if (m->size <= 0)
			return -1;
	}
	return (unsigned char)m->text[m->at++];
}

/* Gives the byte that ended the number. */
static int read_hex(struct maps *m, uintptr_t *value)
{
	int c;

	for (*value = 0; (c = next_byte(m)) >= 0;) {
		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uintptr_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (uintptr_t)(c - 'a' + 10);
		else
			break;
	}
	return c;
}

static bool next_map(struct maps *m, struct extent *map)
{
	int c;

	if (read_hex(m, &map->low) != '-' || read_hex(m, &map->high) != ' ')
		return false;
	do
		c = next_byte(m);
	while (c >= 0 && c != '\n');
	return map->low < map->high;
}

static bool holds(const struct extent *map, const void *addr)
{
	return addr && (uintptr_t)addr >= map->low &&
	       (uintptr_t)addr < map->high;
}

/* Calls `lock`, when there is one, for each; gives the bytes of all. */
static size_t each_map(int (*lock)(const void *, size_t))
{
	const uintptr_t end_of_user_space = 1UL << 47;
	struct maps maps = { .fd = 0 };
	struct extent map;
	size_t sum = 0;

	maps.fd =
		processor_syscall(SYS_openat, AT_FDCWD, (long)"/proc/self/maps",
				  O_RDONLY | O_CLOEXEC, 0);
	if (maps.fd < 0)
		return SIZE_MAX;
	while (next_map(&maps, &map)) {
		if (holds(&map, agent.ring) || holds(&map, agent.local) ||
		    holds(&map, rule_table) || map.high > end_of_user_space)
			continue;
		sum += map.high - map.low;
		/* Some can not be; mlockall() does not mind either. */
		if (lock)
			lock((const void *)map.low, map.high - map.low);
	}
	processor_syscall(SYS_close, maps.fd, 0, 0, 0);
	return sum;
}

static int lock_when_touched(const void *addr, size_t size)
{
	return mlock2(addr, size, MLOCK_ONFAULT);
}

EXPORT int mlockall(int flags)
{
	int saved_errno = errno;
	struct rlimit limit;

	next_resolve();
	if (!agent_start() || agent.sandboxed || !(flags & MCL_CURRENT) ||
	    getrlimit(RLIMIT_MEMLOCK, &limit) != 0 ||
	    each_map(NULL) > limit.rlim_cur)
		return next.mlockall(flags);
	if (flags & MCL_FUTURE && next.mlockall(flags & ~MCL_CURRENT) != 0)
		return -1;
	each_map(flags & MCL_ONFAULT ? lock_when_touched : mlock);
	errno = saved_errno;
	return 0;
}
