/*
 * peek - the memory of another process, read where it is.
 *
 * What can not be read is as if it were zero, and counted. The kernel is asked
 * in a way that also shows what the process itself may not touch.
 */
#ifndef MEMPROF_TRACE_PEEK_H
#define MEMPROF_TRACE_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peek {
	int32_t pid;
	int memory, pagemap; /* of /proc, -1 none */
	uint64_t unread; /* bytes */
	bool gone; /* it has ended, or may not be read: errno said `error` */
	int error;
	char *kept; /* chunks, by their addresses; owned */
	uint64_t *chunk; /* what is where: number + 1, 0 nothing; owned */
};

void peek_open(struct peek *m, int32_t pid);
void peek_close(struct peek *m);

/* Is there anything to read, and may we? */
bool peek_is_readable(struct peek *m, uint64_t addr);

/* False unless all could be read, and nothing counts as unread then. */
bool peek_all(struct peek *m, uint64_t addr, void *buffer, size_t size);
void peek_read(struct peek *m, uint64_t addr, void *buffer, size_t size);
/*
 * The bytes from `addr` on, kept for a while: as many as `size` says then, at
 * most as it said before. Borrowed until the next call.
 */
const char *peek_at(struct peek *m, uint64_t addr, size_t *size);

/*
 * For private memory: the bytes from `addr` on, below `end`, that the process
 * has never touched and that need not be read; 0 when it has, or nobody knows.
 */
uint64_t peek_untouched(const struct peek *m, uint64_t addr, uint64_t end);

#endif
