/*
 * sandbox - is this program under a filter that memprof is not under?
 *
 * A seccomp filter is inherited over execve, and may kill at any system call.
 * To look takes openat, read and close of /proc/self/status: a program that may
 * not make these can not be started by the loader either.
 */
#ifndef MEMPROF_PRELOAD_SANDBOX_H
#define MEMPROF_PRELOAD_SANDBOX_H

#include <stdint.h>

/*
 * Seccomp's mode and number of filters, added: more than the collector's is a
 * sandbox. As procfs_sandbox_depth() has it.
 */
uint32_t sandbox_depth(void);

#endif
