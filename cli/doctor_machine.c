/*
 * doctor_machine - what stands in the way on this machine, for this user.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "text/amount.h"
#include "cli/doctor.h"
#include "cli/launch.h"
#include "trace/ring.h"

static const uint64_t DISK_LOW = 256 << 20; /* bytes */
static const rlim_t ADDRESSES_LOW = 1 << 30;
static const rlim_t PROCESSES_LOW = 32;

static void check_agent(struct doctor *d)
{
	char path[PATH_MAX];
	struct err err;

	if (launch_find_agent(path, &err) < 0)
		doctor_find(d, true, "install memprof again",
			    "the agent can not be loaded: %s", err.text);
}

static void check_limits(struct doctor *d)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur < ADDRESSES_LOW)
		doctor_find(d, true, "ulimit -v unlimited",
			    "programs get %s of address space: the agent may "
			    "not fit into it",
			    amount_bytes(limit.rlim_cur).text);
	/* The soft limit is lifted for the trace. */
	if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_max != RLIM_INFINITY)
		doctor_find(d, true, "ulimit -f unlimited, as root",
			    "files may have %s: a trace ends there",
			    amount_bytes(limit.rlim_max).text);
	if (!getrlimit(RLIMIT_NPROC, &limit) && limit.rlim_cur < PROCESSES_LOW)
		doctor_find(d, false, "ulimit -u unlimited",
			    "only %ju processes are allowed: memprof needs two "
			    "beside the program",
			    (uintmax_t)limit.rlim_cur);
}

/* The ring is memory of a file; it is made in full before the program runs. */
static void check_ring(struct doctor *d)
{
	int fd = memfd_create("memprof-doctor", MFD_CLOEXEC);

	if (fd < 0) {
		doctor_find(d, true, NULL,
			    "shared memory can not be made (memfd_create: %s)",
			    strerror(errno));
		return;
	}
	if (ftruncate(fd, sizeof(struct ring)) < 0)
		doctor_find(d, true, "ulimit -f unlimited",
			    "%s of shared memory can not be made: %s",
			    amount_bytes(sizeof(struct ring)).text,
			    strerror(errno));
	close(fd);
}

static void check_directory(struct doctor *d)
{
	struct statvfs fs;
	uint64_t room;

	if (access(".", W_OK) < 0) {
		doctor_find(d, true, "memprof run -o DIRECTORY/%n.%p.mprof",
			    "traces go to this directory, which can not be "
			    "written: %s",
			    strerror(errno));
		return;
	}
	if (statvfs(".", &fs) < 0)
		return;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room < DISK_LOW)
		doctor_find(d, false, "memprof run -o DIRECTORY/%n.%p.mprof",
			    "traces go to this directory, which has room for "
			    "%s",
			    amount_bytes(room).text);
}

static void check_preload(struct doctor *d)
{
	const char *users = getenv("LD_PRELOAD");

	if (users && *users)
		doctor_find(d, false, "unset LD_PRELOAD",
			    "LD_PRELOAD names '%s': an allocator in it is "
			    "traced, a profiler may get in the way",
			    users);
}

static void check_ptrace(struct doctor *d)
{
	FILE *f = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	if (!f)
		return;
	if (fscanf(f, "%d", &scope) == 1 && (scope > 2 || (scope && geteuid())))
		doctor_find(d, false,
			    scope > 2
				    ? NULL
				    : "sudo sysctl kernel.yama.ptrace_scope=0",
			    "running processes can not be attached to: the "
			    "kernel restricts ptrace (yama)");
	fclose(f);
}

static void check_debuginfod(struct doctor *d)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	void *library;

	if (!urls || !*urls)
		return;
	library = dlopen("libdebuginfod.so.1", RTLD_LAZY);
	if (library)
		dlclose(library);
	else
		doctor_find(d, false, "sudo apt install libdebuginfod1",
			    "DEBUGINFOD_URLS is set, but libdebuginfod is not "
			    "installed");
}

void doctor_machine(struct doctor *d)
{
	check_agent(d);
	check_limits(d);
	check_ring(d);
	check_directory(d);
	check_preload(d);
	check_ptrace(d);
	check_debuginfod(d);
}
