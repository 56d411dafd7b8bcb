/*
 * peek - see peek.h.
 */
#include "trace/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "trace/pages.h"

enum {
	PAGE = 4096,
	PAGES_AT_ONCE = 512, /* looked up in the page map */
	/* A list is followed a block at a time, and a call takes longer than
	 * what lies around the block: so that is read as well, and kept. */
	CHUNK = 1 << 12, /* bytes */
	CHUNKS = 1 << 15,
};

/* Of an entry of /proc/PID/pagemap. */
static const uint64_t PRESENT = 1ULL << 63, SWAPPED = 1ULL << 62;

static int open_file(int32_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void peek_open(struct peek *m, int32_t pid)
{
	*m = (struct peek){ .pid = pid };
	m->memory = open_file(pid, "mem");
	m->pagemap = open_file(pid, "pagemap");
}

void peek_close(struct peek *m)
{
	if (m->memory >= 0)
		close(m->memory);
	if (m->pagemap >= 0)
		close(m->pagemap);
	pages_give(m->kept, (size_t)CHUNKS * CHUNK);
	pages_give(m->chunk, CHUNKS * sizeof(*m->chunk));
}

bool peek_is_readable(struct peek *m, uint64_t addr)
{
	char byte;
	const struct iovec to = { &byte, 1 };
	const struct iovec from = { (void *)(uintptr_t)addr, 1 };

	if (process_vm_readv(m->pid, &to, 1, &from, 1, 0) == 1)
		return true;
	m->error = errno;
	return false;
}

/* A page at most, past what protects it. */
static void read_protected(struct peek *m, uint64_t addr, void *buffer,
			   size_t size)
{
	ssize_t n = -1;

	if (m->memory >= 0)
		n = pread(m->memory, buffer, size, (off_t)addr);
	if (n == (ssize_t)size)
		return;
	memset(buffer, 0, size);
	m->unread += size;
}

bool peek_all(struct peek *m, uint64_t addr, void *buffer, size_t size)
{
	const struct iovec local = { buffer, size };
	const struct iovec remote = { (void *)(uintptr_t)addr, size };

	return process_vm_readv(m->pid, &local, 1, &remote, 1, 0) ==
	       (ssize_t)size;
}

void peek_read(struct peek *m, uint64_t addr, void *buffer, size_t size)
{
	char *to = buffer;

	while (size) {
		const struct iovec local = { to, size };
		const struct iovec remote = { (void *)(uintptr_t)addr, size };
		size_t page = PAGE - addr % PAGE;
		ssize_t n = process_vm_readv(m->pid, &local, 1, &remote, 1, 0);

		if (n < 0 && errno != EFAULT) {
			m->gone = true;
			m->error = errno;
			memset(to, 0, size);
			return;
		}
		if (n <= 0) {
			n = (ssize_t)(page < size ? page : size);
			read_protected(m, addr, to, (size_t)n);
		}
		to += n;
		addr += (uint64_t)n;
		size -= (size_t)n;
	}
}

/* What can not be read of it is zero, and nobody may want it. */
static void fill(struct peek *m, char *to, uint64_t addr)
{
	const struct iovec local = { to, CHUNK };
	const struct iovec remote = { (void *)(uintptr_t)addr, CHUNK };
	uint64_t unread = m->unread;

	if (process_vm_readv(m->pid, &local, 1, &remote, 1, 0) == CHUNK)
		return;
	peek_read(m, addr, to, CHUNK);
	m->unread = unread;
}

const char *peek_at(struct peek *m, uint64_t addr, size_t *size)
{
	uint64_t number = addr / CHUNK;
	size_t place = number % CHUNKS, offset = addr % CHUNK;
	char *at;

	if (!m->kept) {
		m->kept = pages_take((size_t)CHUNKS * CHUNK);
		m->chunk = pages_take(CHUNKS * sizeof(*m->chunk));
	}
	at = m->kept + place * CHUNK;
	if (m->chunk[place] != number + 1) {
		fill(m, at, number * CHUNK);
		m->chunk[place] = number + 1;
	}
	if (*size > CHUNK - offset)
		*size = CHUNK - offset;
	return at + offset;
}

uint64_t peek_untouched(const struct peek *m, uint64_t addr, uint64_t end)
{
	uint64_t entries[PAGES_AT_ONCE];
	uint64_t first = addr / PAGE, count = (end - addr + PAGE - 1) / PAGE;
	ssize_t n;
	size_t i = 0;

	if (m->pagemap < 0 || addr % PAGE)
		return 0;
	if (count > PAGES_AT_ONCE)
		count = PAGES_AT_ONCE;
	n = pread(m->pagemap, entries, count * 8, (off_t)(first * 8));
	while (n > 0 && i < (size_t)n / 8 &&
	       !(entries[i] & (PRESENT | SWAPPED)))
		i++;
	return i * PAGE;
}
