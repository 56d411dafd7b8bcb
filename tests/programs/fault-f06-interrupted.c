/*
 * A timer's handler forks 300 times, by three ways, while the program takes and
 * frees a block over and over: much of it comes inside of an agent. Each child
 * goes on with what was interrupted, takes three blocks more and ends. Says how
 * many blocks the parent took; fails when a child did.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t forks, is_child;

static __attribute__((noinline)) void take(void)
{
	void *volatile p = malloc(50);

	free(p);
}

static void on_signal(int number)
{
	pid_t pid;

	(void)number;
	if (is_child || forks == 300)
		return;
	pid = forks % 3 == 0   ? fork()
	      : forks % 3 == 1 ? _Fork()
			       : syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	is_child = pid == 0;
	forks++;
}

int main(void)
{
	struct itimerval timer = { { 0, 300 }, { 0, 300 } };
	int taken = 0, status, failed = 0;

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (; forks < 300 && !is_child; taken++)
		take();
	for (int i = 0; is_child && i < 3; i++)
		take();
	if (is_child)
		_exit(0);
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
	while (wait(&status) > 0)
		failed += status != 0;
	dprintf(1, "%d\n", taken);
	return failed > 0;
}
