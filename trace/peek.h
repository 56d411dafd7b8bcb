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
#include <sys/uio.h>

struct peek {
	int32_t pid;
	int memory, pagemap; /* of /proc, -1 none */
	uint64_t unread; /* bytes */
	bool gone; /* it has ended, or may not be read: errno said `error` */
	int error;
};

void peek_open(struct peek *m, int32_t pid);
void peek_close(struct peek *m);

/* Is there anything to read, and may we? */
bool peek_is_readable(struct peek *m, uint64_t addr);

void peek_read(struct peek *m, uint64_t addr, void *buffer, size_t size);
/* Of several places, one behind the other; at most PEEK_PLACES. */
enum {
	PEEK_PLACES = 512,
};
void peek_gather(struct peek *m, const struct iovec *places, size_t count,
		 void *buffer, size_t size);

/*
 * For private memory: the bytes from `addr` on, below `end`, that the process
 * has never touched and that need not be read; 0 when it has, or nobody knows.
 */
uint64_t peek_untouched(const struct peek *m, uint64_t addr, uint64_t end);

#endif
