/*
 * Can not be looked at when it ends: a thread has a tracer, a filter of system
 * calls was installed, or a signal ends it.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t tid;
static int ends[2];

static void *wait_here(void *unused)
{
	tid = (pid_t)syscall(SYS_gettid);
	(void)!write(ends[1], "", 1);
	pause();
	return unused;
}

static void be_traced(void)
{
	pthread_t thread;
	char byte;

	if (pipe(ends) || pthread_create(&thread, NULL, wait_here, NULL))
		exit(3);
	(void)!read(ends[0], &byte, 1);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		ptrace(PTRACE_SEIZE, tid, NULL, NULL);
		(void)!write(ends[1], "", 1);
		sleep(20);
		_exit(0);
	}
	(void)!read(ends[0], &byte, 1);
}

static void be_filtered(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int main(int argc, char **argv)
{
	char *volatile lost = malloc(100);

	(void)argc;
	lost = NULL;
	if (!strcmp(argv[1], "traced"))
		be_traced();
	else if (!strcmp(argv[1], "filtered"))
		be_filtered();
	else
		raise(SIGTERM);
	return lost != NULL;
}
