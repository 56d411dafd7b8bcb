/*
 * target - can the agent get into what the program is about to execute?
 *
 * A program that is static, of another architecture or C library, or setuid
 * loads no agent, and one with a sanitizer refuses to start beside it. They are
 * given the environment as it is, and the trace a note.
 */
#ifndef MEMPROF_PRELOAD_TARGET_H
#define MEMPROF_PRELOAD_TARGET_H

#include <stddef.h>

/*
 * Why it can not, static text; NULL when it can or there is no telling. `path`
 * as for execveat(2), empty for the file `fd` itself. Calls nothing that a
 * vfork child may not.
 */
const char *target_obstacle(int fd, const char *path);

/*
 * What execvp(3) would find `file` to be. `path` has target_room(file) bytes.
 * Gives NULL when it is not found.
 */
size_t target_room(const char *file);
const char *target_search(const char *file, char *path);

#endif
