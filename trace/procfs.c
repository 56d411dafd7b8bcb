/*
 * procfs - see procfs.h.
 */
#include "trace/procfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	FILE_SIZE = 1024, /* of the small files read here */
	STATUS_SIZE = 2048, /* of the part of /proc/PID/status with NSpid */
};

/* A small file as a string. */
static bool read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

bool procfs_exe(int32_t pid, char *path, size_t size)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, path, size - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	if ((size_t)n > tail && !strcmp(path + n - tail, deleted))
		path[n - (ssize_t)tail] = '\0';
	return true;
}

bool procfs_thread_name(int32_t pid, int32_t tid, char *name, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	if (!read_file(path, name, size))
		return false;
	name[strcspn(name, "\n")] = '\0';
	return name[0];
}

bool procfs_maps_file(int32_t pid, dev_t device, ino_t inode)
{
	char path[64], wanted[64];
	char *line = NULL;
	size_t capacity = 0;
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	snprintf(wanted, sizeof(wanted), " %02x:%02x %ju ", major(device),
		 minor(device), (uintmax_t)inode);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (!found && getline(&line, &capacity, maps) > 0)
		found = strstr(line, wanted);
	free(line);
	fclose(maps);
	return found;
}

/* Field `n` of the text of /proc/PID/stat, 3 and up; `state` gets the third. */
static uint64_t field(const char *text, int n, char *state)
{
	/* The second is a name in parentheses and may hold any byte. */
	const char *at = strrchr(text, ')');

	if (!at || at[1] != ' ')
		return 0;
	at += 2;
	*state = *at;
	for (int i = 3; i < n && at; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

static uint64_t stat_field(int32_t pid, int n, char *state)
{
	char path[64], text[FILE_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return read_file(path, text, sizeof(text)) ? field(text, n, state) : 0;
}

uint64_t procfs_start_time(int32_t pid)
{
	char state = 0;
	uint64_t time = stat_field(pid, 22, &state);

	return state == 'Z' || state == 'X' ? 0 : time;
}

int32_t procfs_parent(int32_t pid)
{
	char state = 0;

	return (int32_t)stat_field(pid, 4, &state);
}

/* A set of signals in the text of /proc/PID/status. */
static uint64_t signals(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

bool procfs_has_signals(int32_t tid)
{
	char path[64], text[STATUS_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (!read_file(path, text, sizeof(text)))
		return false;
	return ((signals(text, "\nSigPnd:") | signals(text, "\nShdPnd:")) &
		~signals(text, "\nSigBlk:")) != 0;
}

uint32_t procfs_sandbox_depth(int32_t pid)
{
	static const char name[] = "Seccomp";
	char path[64], *line = NULL;
	size_t capacity = 0;
	unsigned long sum = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "re");
	if (!status)
		return 0;
	while (getline(&line, &capacity, status) > 0)
		if (!strncmp(line, name, strlen(name)))
			sum += strtoul(line + strcspn(line, "\t"), NULL, 10);
	free(line);
	fclose(status);
	return (uint32_t)sum;
}

bool procfs_is_ours(void)
{
	char self[32] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 &&
	       strtol(self, NULL, 10) == getpid();
}

/* Its pid in the innermost namespace that it is in, if that is not ours. */
static int32_t nested_pid(const char *process)
{
	static const char name[] = "\nNSpid:";
	char path[300], text[STATUS_SIZE];
	const char *at, *end, *last;

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	if (!read_file(path, text, sizeof(text)))
		return 0;
	at = strstr(text, name);
	if (!at)
		return 0;
	at += strlen(name) + 1;
	end = at + strcspn(at, "\n");
	last = memrchr(at, '\t', (size_t)(end - at));
	return last ? (int32_t)strtol(last, NULL, 10) : 0;
}

int32_t procfs_find_nested(int32_t pid, dev_t device, ino_t inode)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int32_t found = proc ? 0 : -1;

	while (found <= 0 && proc && (entry = readdir(proc))) {
		int32_t host = (int32_t)strtol(entry->d_name, NULL, 10);

		if (host <= 0 || nested_pid(entry->d_name) != pid)
			continue;
		found = procfs_maps_file(host, device, inode) ? host : -1;
	}
	if (proc)
		closedir(proc);
	return found;
}

bool procfs_has_thread(int32_t pid, int32_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
	return !access(path, F_OK);
}

void procfs_memory(int32_t pid, uint64_t *resident, uint64_t *shared)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned long long pages, files;
	char path[64], text[FILE_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	if (!read_file(path, text, sizeof(text)) ||
	    sscanf(text, "%*u %llu %llu", &pages, &files) != 2)
		return;
	*resident = pages * page;
	*shared = files * page;
}
