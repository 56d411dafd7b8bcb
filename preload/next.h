/*
 * next - the functions that the agent stands before: those of the next
 * allocator in line, whatever it is, and of the C library.
 */
#ifndef MEMPROF_PRELOAD_NEXT_H
#define MEMPROF_PRELOAD_NEXT_H

#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

struct next {
	void *(*malloc)(size_t);
	void (*free)(void *);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*memalign)(size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*valloc)(size_t);
	void *(*pvalloc)(size_t);
	void (*free_sized)(void *, size_t);
	void (*free_aligned_sized)(void *, size_t, size_t);
	/* They may call one another through us: glibc's do not. */
	bool comes_back;

	void *(*mmap)(void *, size_t, int, int, int, off_t);
	int (*munmap)(void *, size_t);
	void *(*mremap)(void *, size_t, size_t, int, ...);
	int (*brk)(void *);
	void *(*sbrk)(intptr_t);
	int (*mlockall)(int);

	void *(*dlopen)(const char *, int);
	void *(*dlmopen)(long, const char *, int);
	int (*dlclose)(void *);
	void *(*dlsym)(void *, const char *);
	int (*pthread_create)(pthread_t *, const pthread_attr_t *,
			      void *(*)(void *), void *);
	int (*pthread_setname_np)(pthread_t, const char *);
	int (*prctl)(int, ...);
	long (*syscall)(long, ...);
	pid_t (*fork)(void);
	pid_t (*_Fork)(void);

	pid_t (*wait)(int *);
	pid_t (*waitpid)(pid_t, int *, int);
	pid_t (*wait3)(int *, int, struct rusage *);
	pid_t (*wait4)(pid_t, int *, int, struct rusage *);
	int (*waitid)(idtype_t, id_t, siginfo_t *, int);

	int (*execve)(const char *, char *const[], char *const[]);
	int (*execvpe)(const char *, char *const[], char *const[]);
	int (*fexecve)(int, char *const[], char *const[]);
	int (*execveat)(int, const char *, char *const[], char *const[], int);
	int (*posix_spawn)(pid_t *, const char *,
			   const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const[],
			   char *const[]);
	int (*posix_spawnp)(pid_t *, const char *,
			    const posix_spawn_file_actions_t *,
			    const posix_spawnattr_t *, char *const[],
			    char *const[]);
	void (*exit)(int);
	void (*_exit)(int);
	void (*quick_exit)(int);
	void (*abort)(void);

	int (*system)(const char *);
	struct _IO_FILE *(*popen)(const char *, const char *);
};

extern struct next next;

/*
 * Fill `next`. dlsym() may itself allocate: until this returns,
 * next_is_ready() is false and next_bootstrap() serves.
 */
void next_resolve(void);

/* 0 unknown, 1 being looked up, 2 ready */
extern _Atomic int next_state;

static inline bool next_is_ready(void)
{
	/* Acquire: who sees 2 sees the pointers. */
	return atomic_load_explicit(&next_state, memory_order_acquire) == 2;
}

/* The operators behind those of interpose_new.c. */
void interpose_new_start(void);

/* A few blocks for the loader's own use, never given back. */
void *next_bootstrap(size_t size, size_t align);
bool next_is_bootstrap(const void *p);

/*
 * What the C library allocates in `call` is none of the program's: it comes from
 * those blocks. While there is one thread.
 */
void next_unrecorded(void (*call)(void));

/*
 * Does the program have an allocator of its own, before the agent's in the
 * search order? Then most of what it takes is not seen.
 */
bool next_is_bypassed(void);

/* The function of that name behind the agent, NULL none. */
void *next_find(const char *name);

/*
 * Was the agent loaded into a program that was running already? Then it stands
 * before nobody until attach.h puts it there. Known once next_resolve() was
 * called.
 */
bool next_is_late(void);

#endif
