/*
 * target - see target.h.
 */
#include "inject/target.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "trace/procfs.h"
#include "trace/ring.h"

static int open_file(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* The value of a line of /proc/PID/status, "" none. */
static void read_status(pid_t pid, const char *name, char *value, size_t size)
{
	char text[4096];
	int fd = open_file(pid, "status", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	char *at;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	value[0] = '\0';
	at = strstr(text, name);
	if (!at)
		return;
	at += strlen(name);
	at += strspn(at, ": \t");
	snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
}

static long status_number(pid_t pid, const char *name)
{
	char value[256];

	read_status(pid, name, value, sizeof(value));
	return strtol(value, NULL, 10);
}

static int check_status(struct target *t, struct err *err)
{
	char value[256];

	read_status(t->pid, "\nx86_Thread_features", value, sizeof(value));
	if (strstr(value, "shstk"))
		return err_set(err, "it has a shadow stack");
	t->sandboxed = status_number(t->pid, "\nSeccomp") != 0;
	return 0;
}

static int check_program(const struct target *t, struct err *err)
{
	unsigned char head[EI_NIDENT] = { 0 };
	int fd = open_file(t->pid, "exe", O_RDONLY);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, "it is a thread of the kernel");
	if (fd < 0)
		return 0;
	if (read(fd, head, sizeof(head)) < 0)
		head[EI_CLASS] = ELFCLASSNONE;
	close(fd);
	if (head[EI_CLASS] == ELFCLASS32)
		return err_set(err, "it is a 32-bit program");
	return 0;
}

/* Its loader is its C library too, and has another name in most places. */
static bool is_musl(const struct maps *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->list[i].flags[2] == 'x' &&
		    strstr(m->list[i].path, "musl"))
			return true;
	}
	return false;
}

static int check_modules(const struct target *t, struct err *err)
{
	static const char *const sanitizers[] = {
		"libasan.so",
		"libtsan.so",
		"liblsan.so",
		"libhwasan.so",
	};

	if (is_musl(&t->maps))
		return err_set(err, "it uses the musl C library");
	for (size_t i = 0; i < sizeof(sanitizers) / sizeof(*sanitizers); i++)
		if (maps_code(&t->maps, sanitizers[i]))
			return err_set(err, "it is built with a sanitizer");
	if (!maps_code(&t->maps, "libc.so.6") &&
	    !maps_code(&t->maps, "libc-2."))
		return err_set(err, "it is statically linked, or uses another "
				    "C library than glibc");
	return 0;
}

static int open_memory(struct target *t, struct err *err)
{
	static const char hint[] =
		"only root, or who owns it where kernel.yama.ptrace_scope is "
		"0, may look into it";

	t->memory = open_file(t->pid, "mem", O_RDWR);
	if (t->memory >= 0)
		return 0;
	if (errno == EACCES || errno == EPERM)
		return err_set(err, "not permitted: %s", hint);
	return err_errno(err, "cannot open its memory");
}

static int look_closely(struct target *t, struct err *err)
{
	if (!t->born)
		return err_set(err, "it has ended");
	if (check_program(t, err) < 0 || check_status(t, err) < 0 ||
	    open_memory(t, err) < 0 || target_look(t, err) < 0)
		return -1;
	return check_modules(t, err);
}

int target_open(struct target *t, pid_t pid, struct err *err)
{
	struct err why;

	*t = (struct target){ .pid = pid, .pidfd = -1, .memory = -1 };
	if (pid == getpid())
		return err_set(err, "cannot attach to memprof itself");
	t->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (t->pidfd < 0 && (errno == EINVAL || errno == ENOENT))
		return err_set(err, "%d is a thread, and no process", (int)pid);
	if (t->pidfd < 0)
		return err_errno(err, "cannot attach to process %d", (int)pid);
	t->born = procfs_start_time(pid);
	if (look_closely(t, &why) == 0)
		return 0;
	target_close(t);
	return err_set(err, "cannot attach to process %d: %s", (int)pid,
		       why.text);
}

void target_close(struct target *t)
{
	if (t->pidfd >= 0)
		close(t->pidfd);
	if (t->memory >= 0)
		close(t->memory);
	t->pidfd = t->memory = -1;
	maps_release(&t->maps);
}

int target_look(struct target *t, struct err *err)
{
	maps_release(&t->maps);
	return maps_read(&t->maps, t->pid, err);
}

pid_t target_tracer(const struct target *t)
{
	return (pid_t)status_number(t->pid, "\nTracerPid");
}

bool target_is_same(const struct target *t)
{
	return procfs_start_time(t->pid) == t->born;
}

const struct map *target_agent(const struct target *t)
{
	const struct map *late = maps_code(&t->maps, "memfd:memprof-agent");

	return late ? late : maps_code(&t->maps, "libmemprof-agent.so");
}

bool target_agent_is_late(const struct map *agent)
{
	return !strcmp(map_name(agent), "memfd:memprof-agent");
}

static const struct map *find_ring(const struct maps *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct map *map = &m->list[i];

		if (map->flags[3] == 's' &&
		    !strcmp(map_name(map), "memfd:memprof") &&
		    map->high - map->low >= sizeof(struct ring))
			return map;
	}
	return NULL;
}

pid_t target_collector(const struct target *t)
{
	const struct map *map = find_ring(&t->maps);
	struct ring_header header;

	if (!map ||
	    pread(t->memory, &header, sizeof(header), (off_t)map->low) !=
		    sizeof(header) ||
	    header.magic != RING_MAGIC || header.collector <= 1)
		return 0;
	/* The program may have written any number there. */
	if (header.collector == t->pid ||
	    !procfs_maps_file(header.collector, makedev(map->major, map->minor),
			      map->inode))
		return 0;
	return header.collector;
}

size_t target_threads(const struct target *t, pid_t *tids, size_t most)
{
	char path[64];
	const struct dirent *entry;
	size_t count = 0;
	DIR *directory;

	tids[count++] = t->pid;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)t->pid);
	directory = opendir(path);
	while (directory && count < most && (entry = readdir(directory))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid > 0 && tid != t->pid)
			tids[count++] = tid;
	}
	if (directory)
		closedir(directory);
	return count;
}
