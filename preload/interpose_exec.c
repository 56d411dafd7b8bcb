/*
 * interpose_exec - programs that the program executes are traced too.
 *
 * The program never sees our variables (env.h), so they are added here to what
 * it hands on. Lists that would be variadic are gathered on the stack: between
 * vfork and exec there is nowhere else. Without --follow, or untraced, or with
 * MEMPROF_FOLLOW=no in what it hands on, all of these only pass the call on.
 */
#include "preload/agent.h"
#include "preload/env.h"
#include "preload/next.h"
#include "preload/record.h"
#include "preload/target.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static bool follows(void)
{
	return agent_start() && agent.ring->header.flags & RING_FOLLOW;
}

/* "starts PATH, which WHY: not traced". */
static void note(const char *path, const char *why,
		 const struct registers *caller)
{
	const size_t most = 200;
	size_t size = strlen(path);
	char text[320] = "starts ";
	struct thread *t;

	/* The end of a path says more than its start. */
	strcat(text, size > most ? path + size - most : path);
	strcat(text, ", which ");
	strcat(text, why);
	strcat(text, ": not traced");
	t = record_enter(caller);
	if (t) {
		record_payload(t, RING_NOTE, RING_NOTE_LIMIT, text,
			       strlen(text));
		record_leave();
	}
}

/* Is what will be executed to be traced? Else says why in the trace. */
static bool wanted(int fd, const char *path, const struct registers *caller)
{
	int saved_errno = errno;
	const char *why;

	if (!follows())
		return false;
	/* In a sandbox a look may be deadly. */
	why = agent.sandboxed || !path ? NULL : target_obstacle(fd, path);
	/* Where the agent lies is not known there. */
	if (next_is_late())
		why = "is another program than the one attached to";
	if (why && path)
		note(path, why, caller);
	errno = saved_errno;
	return !why;
}

/* Macros, because what they make lives on their caller's stack. */
#define GIVE(envp)                                                             \
	env_give(envp, alloca(env_room(envp) * sizeof(char *)),                \
		 alloca(env_text_size(envp)))
#define GIVEN(envp, fd, path)                                                  \
	({                                                                     \
		const struct registers caller_ = CALLER_REGISTERS();           \
                                                                               \
		env_follows(envp) && wanted(fd, path, &caller_) ? GIVE(envp)   \
								: (envp);      \
	})
#define FOUND(file) target_search(file, alloca(target_room(file)))

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	next_resolve();
	return next.execve(path, argv, GIVEN(envp, AT_FDCWD, path));
}

EXPORT int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	next_resolve();
	return next.execvpe(file, argv, GIVEN(envp, AT_FDCWD, FOUND(file)));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	next_resolve();
	return next.fexecve(fd, argv, GIVEN(envp, fd, ""));
}

EXPORT int execveat(int fd, const char *path, char *const argv[],
		    char *const envp[], int flags)
{
	next_resolve();
	return next.execveat(fd, path, argv, GIVEN(envp, fd, path), flags);
}

static size_t count_arguments(va_list list)
{
	size_t n = 1;

	while (va_arg(list, char *))
		n++;
	return n;
}

/* execl's arguments as an array; execle's environment comes behind them. */
#define GATHER(argv, envp, first)                                              \
	va_list list_;                                                         \
	size_t count_;                                                         \
                                                                               \
	va_start(list_, first);                                                \
	count_ = count_arguments(list_);                                       \
	va_end(list_);                                                         \
	char **argv = alloca((count_ + 1) * sizeof(char *));                   \
	char *const *envp;                                                     \
                                                                               \
	va_start(list_, first);                                                \
	argv[0] = (char *)(uintptr_t)first;                                    \
	for (size_t i_ = 1; i_ <= count_; i_++)                                \
		argv[i_] = va_arg(list_, char *);                              \
	envp = va_arg(list_, char *const *);                                   \
	va_end(list_)

EXPORT int execl(const char *path, const char *first, ...)
{
	GATHER(argv, envp, first);
	(void)envp;
	return execve(path, argv, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	GATHER(argv, envp, first);
	(void)envp;
	return execvpe(file, argv, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	GATHER(argv, envp, first);
	return execve(path, argv, envp);
}

EXPORT int posix_spawn(pid_t *pid, const char *path,
		       const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[],
		       char *const envp[])
{
	next_resolve();
	return next.posix_spawn(pid, path, actions, attributes, argv,
				GIVEN(envp, AT_FDCWD, path));
}

EXPORT int posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const argv[],
			char *const envp[])
{
	next_resolve();
	return next.posix_spawnp(pid, file, actions, attributes, argv,
				 GIVEN(envp, AT_FDCWD, FOUND(file)));
}

/*
 * system() and popen() take the environment from `environ`; it is exchanged
 * for the length of the call. Others may have read or copied it meanwhile, so
 * what was given is never freed, but given again as long as it is the same.
 */
struct given {
	size_t size; /* bytes, of all of it */
	char *list[]; /* and behind it what memprof's entries say */
};

static struct given *_Atomic last_given;

struct exchange {
	char **before, **given;
};

/* Entries that are not memprof's are the program's, and may be gone. */
static bool is_same(const struct given *known, const struct given *now)
{
	const char *end = (const char *)known + known->size;
	size_t i = 0;

	for (; known->list[i] && now->list[i]; i++) {
		const char *entry = known->list[i];

		if (entry != now->list[i] &&
		    (entry < (const char *)known || entry >= end ||
		     strcmp(entry, now->list[i]) != 0))
			return false;
	}
	return known->list[i] == now->list[i];
}

/* NULL: the environment stays as it is. */
static struct given *give_environ(void)
{
	size_t size = sizeof(struct given) + env_room(environ) * sizeof(char *);
	size_t text = env_text_size(environ);
	struct given *g = next.malloc(size + text), *known;

	if (!g)
		return NULL;
	g->size = size + text;
	if (env_give(environ, g->list, (char *)g + size) != g->list) {
		next.free(g);
		return NULL;
	}
	/* Acquire: it is as who gave it first left it. */
	known = atomic_load_explicit(&last_given, memory_order_acquire);
	if (known && is_same(known, g)) {
		next.free(g);
		return known;
	}
	/* Release: pairs with the above. */
	atomic_store_explicit(&last_given, g, memory_order_release);
	return g;
}

static struct exchange exchange_environ(void)
{
	const struct registers caller = CALLER_REGISTERS();
	struct exchange x = { .before = environ };
	struct given *g;

	if (!env_follows(environ) || !wanted(AT_FDCWD, "/bin/sh", &caller))
		return x;
	g = give_environ();
	if (!g)
		return x;
	x.given = g->list;
	environ = x.given;
	return x;
}

static void restore_environ(const struct exchange *x)
{
	if (x->given && environ == x->given)
		environ = x->before;
}

EXPORT int system(const char *command)
{
	struct exchange x;
	int ret;

	next_resolve();
	x = exchange_environ();
	ret = next.system(command);
	restore_environ(&x);
	return ret;
}

/* <stdio.h> calls it FILE; the agent has no business with the rest of it. */
struct _IO_FILE *popen(const char *command, const char *mode);

EXPORT struct _IO_FILE *popen(const char *command, const char *mode)
{
	struct exchange x;
	struct _IO_FILE *file;

	next_resolve();
	x = exchange_environ();
	file = next.popen(command, mode);
	restore_environ(&x);
	return file;
}
