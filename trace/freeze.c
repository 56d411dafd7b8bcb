/*
 * freeze - see freeze.h.
 *
 * A thread that is asked to stop does so at once, unless it is in a system call
 * that nothing interrupts. Nobody waits for long for such a one; but it has to
 * be told to go on when it has stopped, however late.
 *
 * Who has stopped a thread is told of its end before its parent is, and has to
 * take note of it, or the parent never hears. But where that parent is this
 * process, the end of the first thread is the program's, and not ours to take.
 */
#include "trace/freeze.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace/procfs.h"
#include "trace/xmalloc.h"

enum {
	ROUNDS = 8, /* looks for threads that have just begun */
	NAPS = 2000,
	NAP = 100000, /* ns */
};

static struct freeze_thread *find(const struct freeze *f, int32_t tid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].tid == tid)
			return &f->list[i];
	return NULL;
}

/* False when it can not be. One that has ended is none to seize. */
static bool seize(struct freeze *f, int32_t tid)
{
	/* Nor is one that waits for others to end, too. */
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return errno == ESRCH || !procfs_start_time(tid);
	f->list = xgrow(f->list, &f->capacity, f->count + 1, sizeof(*f->list));
	f->list[f->count++] = (struct freeze_thread){ .tid = tid };
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	return true;
}

/* Seizes those that are not yet; -1 when that can not be, else how many. */
static int seize_new(struct freeze *f, int32_t pid, int32_t but)
{
	char path[64];
	struct dirent *entry;
	size_t known;
	int fresh = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return -1;
	while (fresh >= 0 && (entry = readdir(tasks))) {
		int32_t tid = (int32_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0 || tid == but || find(f, tid))
			continue;
		known = f->count;
		if (seize(f, tid))
			fresh += f->count > known;
		else
			fresh = -1;
	}
	closedir(tasks);
	return fresh;
}

/* Learns whether it has stopped or ended by now. */
static void look(const struct freeze *f, struct freeze_thread *t)
{
	const int ends = t->tid == f->child ? 0 : WEXITED;
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)t->tid, &info,
		   WSTOPPED | ends | WNOHANG | __WALL) < 0) {
		t->state = FREEZE_FREE;
		return;
	}
	if (!info.si_pid)
		return;
	t->state = FREEZE_FREE;
	if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
		return;
	t->state = FREEZE_STOPPED;
	/* Above the signal stands why, 0 that it was about to get it. */
	if (info.si_status >> 8 == 0)
		t->signal = info.si_status;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NAP }, NULL);
}

static bool all_have_stopped(struct freeze *f)
{
	for (int naps = 0; naps < NAPS; naps++) {
		size_t running = 0;

		for (size_t i = 0; i < f->count; i++) {
			if (f->list[i].state == FREEZE_RUNNING)
				look(f, &f->list[i]);
			running += f->list[i].state == FREEZE_RUNNING;
		}
		if (!running)
			return true;
		nap();
	}
	errno = ETIMEDOUT;
	return false;
}

static bool read_registers(struct freeze_thread *t)
{
	struct user_regs_struct general;
	struct user_fpregs_struct vectors = { 0 };
	struct iovec g = { &general, sizeof(general) };
	struct iovec v = { &vectors, sizeof(vectors) };

	if (ptrace(PTRACE_GETREGSET, t->tid, NT_PRSTATUS, &g) < 0)
		return false;
	/* Without them, pointers that are being moved may not be seen. */
	(void)ptrace(PTRACE_GETREGSET, t->tid, NT_PRFPREG, &v);
	memcpy(t->registers, &general, sizeof(general));
	memcpy(t->registers + FREEZE_GENERAL,
	       (const char *)&vectors + FREEZE_VECTORS_AT, FREEZE_VECTORS * 8);
	t->sp = freeze_sp(&general);
	t->thread_pointer = freeze_thread_pointer(&general);
	return true;
}

static bool stop_all(struct freeze *f, int32_t pid, int32_t but)
{
	for (int round = 0; round < ROUNDS; round++) {
		int fresh = seize_new(f, pid, but);

		if (fresh < 0)
			return false;
		if (!fresh)
			return true;
		if (!all_have_stopped(f))
			return false;
	}
	errno = EAGAIN;
	return false;
}

bool freeze_start(struct freeze *f, int32_t pid, int32_t but)
{
	bool ok;
	int reason;

	f->child = procfs_parent(pid) == getpid() ? pid : 0;
	ok = stop_all(f, pid, but);
	reason = errno;

	for (size_t i = 0; i < f->count && ok; i++) {
		if (f->list[i].state != FREEZE_STOPPED)
			continue;
		ok = read_registers(&f->list[i]);
		reason = errno;
	}
	if (!ok)
		freeze_end(f);
	errno = reason;
	return ok;
}

static void restart(const struct freeze_thread *t)
{
	struct user_regs_struct general;

	memcpy(&general, t->registers, sizeof(general));
	if (!t->signal && freeze_restart(&general) &&
	    !procfs_has_signals(t->tid))
		ptrace(PTRACE_SETREGS, t->tid, NULL, &general);
}

/* One that was killed meanwhile waits for us to take note of its end. */
static void let_go(struct freeze_thread *t)
{
	void *signal = (void *)(intptr_t)t->signal;

	if (t->thread_pointer)
		restart(t);
	t->state = ptrace(PTRACE_DETACH, t->tid, NULL, signal) == 0
			   ? FREEZE_FREE
			   : FREEZE_ENDING;
}

void freeze_end(struct freeze *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].state == FREEZE_STOPPED)
			let_go(&f->list[i]);
}

bool freeze_end_late(struct freeze *f)
{
	bool more = false;

	for (size_t i = 0; i < f->count; i++) {
		struct freeze_thread *t = &f->list[i];

		if (t->state != FREEZE_FREE)
			look(f, t);
		if (t->state == FREEZE_STOPPED)
			let_go(t);
		more |= t->state != FREEZE_FREE;
	}
	return more;
}

void freeze_release(struct freeze *f)
{
	free(f->list);
	*f = (struct freeze){ 0 };
}
