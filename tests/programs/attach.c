/*
 * Holds 100 blocks of 100 bytes and one of 50. When ./go is there takes 1000
 * blocks of 24 bytes and frees 400 of them, 60 of the old ones, makes the one
 * of 50 bytes one of 70, and forks a child that takes 7 of 30 bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[4096];
static void *old[100], *fresh[1000];

static void await(const char *file)
{
	const struct timespec nap = { .tv_nsec = 5000000 };

	while (access(file, F_OK))
		nanosleep(&nap, NULL);
}

int main(void)
{
	char *volatile grown = malloc(50);

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	for (int i = 0; i < 100; i++)
		old[i] = malloc(100);
	puts("ready");
	await("go");
	for (int i = 0; i < 1000; i++)
		fresh[i] = malloc(24);
	for (int i = 0; i < 400; i++)
		free(fresh[i]);
	for (int i = 0; i < 60; i++)
		free(old[i]);
	grown = realloc(grown, 70);
	if (!fork()) {
		for (int i = 0; i < 7; i++)
			fresh[i] = strdup("twenty-nine bytes are these..");
		_exit(0);
	}
	wait(NULL);
	puts("done");
	await("end");
	puts("ok");
	return 0;
}
