/*
 * Looks, when its copy has been made, for what a copy could spoil: children
 * that wait() sees, handlers of signals to the group that run twice, locks and
 * descriptors that somebody else still holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2], locked;

static void handle(int signal)
{
	char text[] = "handled\n";

	(void)signal;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
}

static void look(void)
{
	char byte;

	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		puts("a child");
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 0)
		puts("somebody writes");
	close(locked);
	locked = open("lock", O_RDWR);
	if (flock(locked, LOCK_EX | LOCK_NB))
		puts("somebody locks");
	fflush(stdout);
	kill(0, SIGUSR1);
}

static void *sleep_on(void *unused)
{
	pause();
	return unused;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = handle };
	pthread_t thread;

	(void)argv;
	setpgid(0, 0);
	sigaction(SIGUSR1, &action, NULL);
	locked = open("lock", O_RDWR | O_CREAT, 0600);
	if (pipe(ends) || flock(locked, LOCK_EX))
		return 1;
	if (argc > 1 && pthread_create(&thread, NULL, sleep_on, NULL))
		return 1;
	atexit(look);
	exit(7);
}
