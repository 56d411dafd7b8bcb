/*
 * Ten blocks between the marks "warm" and "loaded", and "again" twice while
 * they are freed. With argv[1]: says its pid there, and waits until the file
 * is gone before the last block.
 */
#include "memprof.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile block[12];

static void wait_for(const char *path)
{
	int fd = open("pid.new", O_WRONLY | O_CREAT, 0600);
	char text[16];
	int size = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (write(fd, text, (size_t)size) != size)
		exit(1);
	close(fd);
	rename("pid.new", path);
	while (access(path, F_OK) == 0)
		usleep(1000);
}

int main(int argc, char **argv)
{
	block[0] = malloc(100);
	memprof_mark("warm");
	for (int i = 1; i <= 10; i++)
		block[i] = malloc(10);
	memprof_mark("loaded");
	for (int i = 1; i <= 9; i++) {
		free(block[i]);
		if (i >= 8)
			memprof_mark("again");
	}
	if (argc > 1)
		wait_for(argv[1]);
	block[11] = malloc(1000);
	return 0;
}
