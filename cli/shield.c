/*
 * Design
 * ------
 * To whoever started memprof it is one process: the child is in its group, has
 * its terminal, and dies with it; a signal that ends the child by intention
 * ends memprof, too.
 *
 * Deliberately not here: a filter of system calls. Symbols may be downloaded,
 * and libraries do that in ways that are theirs.
 */
#include "cli/shield.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"

/* Bytes that are ours alone, as RLIMIT_DATA counts them. */
static rlim_t data_size(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file)
		return RLIM_INFINITY;
	if (fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void limit(void)
{
	rlim_t most =
		(rlim_t)sysconf(_SC_PHYS_PAGES) * (rlim_t)sysconf(_SC_PAGESIZE);
	struct rlimit l;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* A limit on file sizes is an error of write(), not our end. */
	signal(SIGXFSZ, SIG_IGN);
	/* What a sanitizer reserves is more than any machine has. */
	if (getrlimit(RLIMIT_DATA, &l) < 0 || l.rlim_cur <= most ||
	    data_size() > most)
		return;
	l.rlim_cur = most;
	setrlimit(RLIMIT_DATA, &l);
}

/* Where memory gets short it is the reader that has to go, before a program. */
static void yield_memory(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	if (!file)
		return;
	fputs("1000", file);
	fclose(file);
}

static bool is_crash(int number)
{
	switch (number) {
	case SIGSEGV:
	case SIGBUS:
	case SIGABRT:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

static int status_of(const char *name, int status)
{
	int number = WTERMSIG(status);

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (!is_crash(number) && number != SIGKILL) {
		signal(number, SIG_DFL);
		raise(number);
	}
	if (!strncmp(name, "memprof: ", 9))
		name += 9;
	if (number == SIGKILL) {
		command_message("%s: reading was killed: by the kernel, if "
				"there was too little memory for it",
				name);
		return COMMAND_FAILED;
	}
	command_message("%s: reading ended by signal %d (%s): the trace, or a "
			"program file that it names, is badly damaged",
			name, number, strsignal(number));
	return COMMAND_FAILED;
}

int shield_run(int (*run)(int argc, char **argv), int argc, char **argv)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	int status;

	/* Rather without than not at all. */
	if (pid < 0)
		return run(argc, argv);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(COMMAND_FAILED);
		yield_memory();
		limit();
		exit(run(argc, argv));
	}
	/* From a terminal they reach the child as well, which decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return COMMAND_FAILED;
	return status_of(argv[0], status);
}
