/*
 * watch - run a command and say what each of its processes used.
 *
 *	watch FILE COMMAND [ARG...]
 *
 * A profiler is several processes: the program, a collector or interpreter, a
 * compressor, the shell that started them. getrusage() in their parent knows
 * only sums, and a maximum over all of them of the peak RSS. So every process
 * that is forked from the command is followed with ptrace, which stops it at
 * fork, exec and exit and nowhere else: not at system calls, not in threads
 * (clone is not followed; what a thread other than the first forks is missed,
 * and then shows only in `reaped_ns`).
 *
 *	cpu	the process's own CPU clock, all threads, read when it is
 *		dead but not yet reaped: to the ns, the freeing of its memory
 *		included, its children not
 *	hwm	VmHWM, read where the process begins to exit. Unlike ru_maxrss
 *		it is not inherited through fork and exec
 *	wall	from just before the exec to the end of the first process
 *
 * One line a process is written to FILE, then one for the command. Standard
 * streams are the caller's. The exit status is 0 unless watch itself failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PROCESSES = 4096, /* of one command */
	FOLLOW = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
		 PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL,
};

struct process {
	pid_t pid, parent;
	char exe[PATH_MAX]; /* what it executed last */
	uint64_t start, end, cpu; /* ns */
	uint64_t hwm; /* KiB */
};

struct watch {
	struct process *processes;
	size_t count;
	uint64_t start;
	pid_t first;
	int status; /* of the first; what wait4() gave */
	uint64_t reaped; /* its CPU and that of all it waited for, ns */
	bool ended;
};

static void fail(const char *what)
{
	fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* CPU of all threads of another process, dead ones too; man 3 clock_gettime. */
static uint64_t process_cpu(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) ? 0 : clock_ns(clock);
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_usec * 1000;
}

/* The newest with this pid: numbers are used again. */
static struct process *find(struct watch *w, pid_t pid)
{
	for (size_t i = w->count; i-- > 0;)
		if (w->processes[i].pid == pid && !w->processes[i].end)
			return &w->processes[i];
	return NULL;
}

static struct process *add(struct watch *w, pid_t pid, pid_t parent)
{
	struct process *p = find(w, pid);

	if (!p && w->count == PROCESSES) {
		errno = E2BIG;
		fail("too many processes");
	}
	if (!p) {
		p = &w->processes[w->count++];
		p->pid = pid;
		p->start = clock_ns(CLOCK_MONOTONIC);
	}
	if (parent)
		p->parent = parent;
	return p;
}

static void note_exe(struct process *p)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)p->pid);
	n = readlink(path, p->exe, sizeof(p->exe) - 1);
	p->exe[n < 0 ? 0 : n] = '\0';
	p->hwm = 0;
}

static void note_hwm(struct process *p)
{
	char path[64], line[256];
	unsigned long kib;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			p->hwm = kib;
	fclose(f);
}

static void stopped(struct watch *w, pid_t pid, int status)
{
	struct process *p = add(w, pid, 0);
	int signal = WSTOPSIG(status);
	unsigned long child;

	switch (status >> 16) {
	case 0: /* a signal on its way to the process */
		ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)signal);
		return;
	case PTRACE_EVENT_STOP:
		/* SIGTRAP is a new process; else the process stops itself. */
		ptrace(signal == SIGTRAP ? PTRACE_CONT : PTRACE_LISTEN, pid,
		       NULL, NULL);
		return;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		if (!ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child))
			snprintf(add(w, (pid_t)child, pid)->exe, PATH_MAX, "%s",
				 p->exe);
		break;
	case PTRACE_EVENT_EXEC:
		note_exe(p);
		break;
	case PTRACE_EVENT_EXIT:
		note_hwm(p);
		break;
	default:
		break;
	}
	ptrace(PTRACE_CONT, pid, NULL, NULL);
}

/* A dead process that nobody has reaped: its clock can still be read. */
static void died(struct watch *w, pid_t pid)
{
	struct process *p = find(w, pid);
	struct rusage usage;
	int status;

	if (p) {
		p->end = clock_ns(CLOCK_MONOTONIC);
		p->cpu = process_cpu(pid);
	}
	if (wait4(pid, &status, __WALL, &usage) != pid || pid != w->first)
		return;
	w->ended = true;
	w->status = status;
	w->reaped = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
}

/* False when there is nothing left to wait for, or nothing yet (WNOHANG). */
static bool next(struct watch *w, int flags)
{
	siginfo_t info = { .si_pid = 0 };
	int status;

	if (waitid(P_ALL, 0, &info,
		   WEXITED | WSTOPPED | WNOWAIT | __WALL | flags) < 0)
		return errno == EINTR;
	if (!info.si_pid)
		return false;
	if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED ||
	    info.si_code == CLD_DUMPED)
		died(w, info.si_pid);
	else if (waitpid(info.si_pid, &status, __WALL | WNOHANG) > 0)
		stopped(w, info.si_pid, status);
	return true;
}

static void start(struct watch *w, char **argv)
{
	int go[2];
	char byte;

	if (pipe2(go, O_CLOEXEC) < 0)
		fail("pipe");
	w->first = fork();
	if (w->first < 0)
		fail("fork");
	if (!w->first) {
		close(go[1]);
		if (read(go[0], &byte, 1) < 0)
			_exit(126);
		execvp(*argv, argv);
		fprintf(stderr, "watch: %s: %s\n", *argv, strerror(errno));
		_exit(127);
	}
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, w->first, NULL, (void *)(uintptr_t)FOLLOW) <
	    0) {
		kill(w->first, SIGKILL);
		fail("may not trace the command");
	}
	add(w, w->first, 0);
	w->start = clock_ns(CLOCK_MONOTONIC);
	close(go[1]);
}

static void write_results(const struct watch *w, FILE *f)
{
	uint64_t end = w->start;

	for (size_t i = 0; i < w->count; i++) {
		const struct process *p = &w->processes[i];

		if (p->pid == w->first)
			end = p->end;
		fprintf(f, "process %d %d %llu %llu %s\n", (int)p->pid,
			(int)p->parent, (unsigned long long)p->cpu,
			(unsigned long long)p->hwm, p->exe);
	}
	fprintf(f, "command %d %d %llu %llu\n", (int)w->first,
		WIFSIGNALED(w->status) ? 128 + WTERMSIG(w->status)
				       : WEXITSTATUS(w->status),
		(unsigned long long)(end - w->start),
		(unsigned long long)w->reaped);
}

int main(int argc, char **argv)
{
	struct watch w = { .count = 0 };
	FILE *f;

	if (argc < 3) {
		fprintf(stderr, "usage: watch FILE COMMAND [ARG...]\n");
		return 2;
	}
	f = fopen(argv[1], "we");
	if (!f)
		fail(argv[1]);
	w.processes = calloc(PROCESSES, sizeof(*w.processes));
	if (!w.processes)
		fail("memory");
	start(&w, argv + 2);
	while (!w.ended && next(&w, 0))
		;
	/* Helpers that ended before it may be told of after it. */
	while (next(&w, WNOHANG))
		;
	write_results(&w, f);
	if (fclose(f))
		fail(argv[1]);
	return 0;
}
