/*
 * traced - see traced.h.
 *
 * The process names the memprof that records it, and that has the trace open:
 * it is known by how it begins. So nothing needs to be agreed on, and a trace
 * is found whatever its name and wherever memprof was started.
 */
#include "cli/traced.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inject/target.h"
#include "trace/format.h"

/* -1 unless it is one. */
static int open_trace(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[sizeof(FORMAT_MAGIC) - 1];
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	    !memcmp(head, FORMAT_MAGIC, sizeof(head)))
		return fd;
	close(fd);
	return -1;
}

static int find_open(pid_t pid)
{
	const struct dirent *entry;
	char path[64];
	int fd = -1;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	directory = opendir(path);
	while (directory && fd < 0 && (entry = readdir(directory))) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%.16s", (int)pid,
			 entry->d_name);
		if (entry->d_name[0] != '.')
			fd = open_trace(path);
	}
	if (directory)
		closedir(directory);
	return fd;
}

int traced_open(pid_t pid, struct err *err)
{
	struct target target;
	pid_t collector;
	int fd;

	if (target_open(&target, pid, err) < 0)
		return -1;
	collector = target_collector(&target);
	target_close(&target);
	if (!collector)
		return err_set(err, "no memprof records process %d", (int)pid);
	fd = find_open(collector);
	if (fd < 0)
		return err_set(err,
			       "cannot read the trace of process %d, which "
			       "process %d writes",
			       (int)pid, (int)collector);
	return fd;
}
