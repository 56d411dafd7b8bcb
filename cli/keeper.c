/*
 * Design
 * ------
 * Two seconds are what people wait without wondering; programs of 100 MB of
 * debug information are read in less. The child looks at the clock itself, and
 * keeps what it has found by then; when a single file holds it up longer, it
 * is killed. It writes behind the end of the trace only, so cutting the file
 * back is all that is ever to be mended.
 *
 * Lines of the C library and its like are left out: where their debug
 * information is installed it is large and compressed, cost 60 ms of a run of
 * sqlite3, and no line of theirs is ever to blame.
 *
 * Nothing is downloaded: a run that ends must not wait for a network.
 */
#include "cli/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/query.h"

enum {
	LIMIT = 2000, /* ms */
	GRACE = 1000, /* ms more, to write what there is */
};

static const rlim_t MEMORY_MAX = (rlim_t)1 << 30;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Signals end it, unless they were ignored from the start. */
static void stand_alone(void)
{
	static const int numbers[] = { SIGINT,	SIGTERM, SIGHUP,
				       SIGQUIT, SIGUSR1, SIGUSR2 };
	const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX };
	const struct rlimit core = { 0, 0 };
	struct sigaction action;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!sigaction(numbers[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			signal(numbers[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_DATA, &memory);
	setrlimit(RLIMIT_CORE, &core);
	unsetenv("DEBUGINFOD_URLS");
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

static int keep(const struct keeper *k, uint64_t until)
{
	const struct query_keep options = { .until = until,
					    .redact = k->redact };
	const struct profile_options quick = { .quick = true };
	struct profile *p;
	struct err err;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", k->fd);
	p = profile_open(path, &quick, &err);
	if (!p || profile_problem(p))
		return -1;
	return profile_keep_symbols(p, k->fd, &options, &err);
}

void keeper_start(struct keeper *k, int fd, bool redact)
{
	uint64_t until = now() + (uint64_t)LIMIT * 1000000;
	struct stat st;

	*k = (struct keeper){ .fd = fd, .redact = redact };
	if (fstat(fd, &st) < 0)
		return;
	k->size = (uint64_t)st.st_size;
	k->pid = fork();
	if (k->pid < 0)
		k->pid = 0;
	else if (!k->pid) {
		stand_alone();
		_exit(keep(k, until) < 0);
	}
}

/* Waits until it has ended, or its time has. */
static void wait_for_end(const struct keeper *k)
{
	uint64_t until = now() + (uint64_t)(LIMIT + GRACE) * 1000000;
	struct pollfd fd = { .fd = (int)syscall(SYS_pidfd_open, k->pid, 0),
			     .events = POLLIN };
	uint64_t at;

	while ((at = now()) < until) {
		int ms = (int)((until - at) / 1000000) + 1;

		if (poll(&fd, 1, ms) != 0 && (fd.fd < 0 || fd.revents))
			break;
	}
	if (fd.fd >= 0)
		close(fd.fd);
}

bool keeper_wait(struct keeper *k)
{
	int status;

	if (!k->pid)
		return false;
	wait_for_end(k);
	/* Too late by now, or gone already. */
	kill(k->pid, SIGKILL);
	while (waitpid(k->pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	/* At best: half a block behind the end would not be read either. */
	(void)!ftruncate(k->fd, (off_t)k->size);
	return false;
}
