/*
 * procfs - what /proc says about a process that we did not start ourselves.
 *
 * The pid that an agent names is its own idea, in a namespace that may not be
 * ours; procfs_maps_file() tells whether /proc has the same process by that
 * number. All give false, or 0, when there is no answer.
 */
#ifndef MEMPROF_TRACE_PROCFS_H
#define MEMPROF_TRACE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The path of its program, as it was when it was started. */
bool procfs_exe(int32_t pid, char *path, size_t size);
/* The name of a thread. */
bool procfs_thread_name(int32_t pid, int32_t tid, char *name, size_t size);
/* Has it mapped that file? */
bool procfs_maps_file(int32_t pid, dev_t device, ino_t inode);
/* In clock ticks since boot; 0 when it is gone or has ended. */
uint64_t procfs_start_time(int32_t pid);
/* Mode and number of seccomp filters, added. */
uint32_t procfs_sandbox_depth(int32_t pid);
/*
 * The process of a namespace of pids below ours that has `pid` there, and that
 * file mapped. 0: none has that pid; -1: one does, and it may be another.
 */
int32_t procfs_find_nested(int32_t pid, dev_t device, ino_t inode);
/* Are the numbers in /proc those of our own namespace? */
bool procfs_is_ours(void);
bool procfs_has_thread(int32_t pid, int32_t tid);
/* Do signals wait for it or its process that it does not hold back? */
bool procfs_has_signals(int32_t tid);
int32_t procfs_parent(int32_t pid);
/* Bytes in memory, and of these in files and shared memory; else as it was. */
void procfs_memory(int32_t pid, uint64_t *resident, uint64_t *shared);

#endif
