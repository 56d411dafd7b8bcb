/*
 * 20 times: a process whose 4 threads allocate all the time forks a child that
 * starts a thread, which allocates 100 blocks, and ends; a second child is a
 * clone without fork's handlers. No child may hang: each has 10 seconds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Thread_local void *volatile block;

static void *busy(void *unused)
{
	for (;;) {
		block = malloc(70);
		free(block);
	}
	return unused;
}

static void *work(void *unused)
{
	for (int i = 0; i < 100; i++)
		block = malloc(90);
	return unused;
}

static void child(void)
{
	pthread_t thread;

	alarm(10);
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	_exit(0);
}

int main(void)
{
	pthread_t thread;
	int status, failed = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, busy, NULL);
	for (int i = 0; i < 20; i++) {
		if (fork() == 0)
			child();
		if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(0);
		while (wait(&status) > 0)
			failed |= status;
	}
	return failed != 0;
}
