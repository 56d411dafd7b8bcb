/* Helpers of glibc's tests; see ../../run. */
#ifndef SHIM_SUPPORT_H
#define SHIM_SUPPORT_H

#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void *shim_need(void *p)
{
	if (!p)
		FAIL_EXIT1("out of memory");
	return p;
}

#define xmalloc(size) shim_need(malloc(size))
#define xcalloc(n, size) shim_need(calloc(n, size))
#define xrealloc(p, size) shim_need(realloc(p, size))
#define xstrdup(s) shim_need(strdup(s))

#define ignore_stderr() ((void)!freopen("/dev/null", "w", stderr))
#define write_message(text) ((void)!write(2, text, strlen(text)))
#define xopen(path, flags, mode) open(path, flags, mode)
#define xfork() fork()
#define xwaitpid(pid, status, flags) waitpid(pid, status, flags)
#define xclose(fd) TEST_VERIFY_EXIT(!close(fd))
#define xwrite(fd, p, n) TEST_VERIFY_EXIT(write(fd, p, n) == (ssize_t)(n))
#define xmunmap(p, n) TEST_VERIFY_EXIT(!munmap(p, n))

static inline void *xmmap(void *addr, size_t size, int prot, int flags, int fd)
{
	void *p = mmap(addr, size, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		FAIL_EXIT1("no mapping");
	return p;
}

static inline void xsignal(int number, void (*handler)(int))
{
	signal(number, handler);
}

#endif
