/*
 * Writes its arguments, environment and input to stdout, and to stderr what it
 * finds of itself: descriptors, threads, signal mask and handlers, name, umask.
 * Nothing of it may differ under a profiler. Ends with argv[1], or a signal.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int entries(const char *path)
{
	DIR *directory = opendir(path);
	int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void show_signals(void)
{
	struct sigaction action;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int i = 1; i < NSIG; i++)
		if (!sigaction(i, NULL, &action))
			fprintf(stderr, "%d",
				action.sa_handler != SIG_DFL
					? 2
					: sigismember(&mask, i));
}

int main(int argc, char **argv)
{
	char name[16];
	int c;

	for (int i = 1; i < argc; i++)
		printf("<%s>", argv[i]);
	for (char **variable = environ; *variable; variable++)
		puts(*variable);
	while ((c = getchar()) != EOF)
		putchar(c);
	show_signals();
	prctl(PR_GET_NAME, name);
	fprintf(stderr, "%d files, %d threads, %s, umask %o\n",
		entries("/proc/self/fd"), entries("/proc/self/task"), name,
		umask(0));
	if (argc > 1 && !strcmp(argv[1], "kill"))
		raise(SIGUSR2);
	return argc > 1 ? atoi(argv[1]) : 0;
}
