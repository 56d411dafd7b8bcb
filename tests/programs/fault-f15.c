/* Tries to shrink whatever it has mapped of memory files, and then takes 1,000
 * blocks of 16 bytes. The files are found as the agent might find them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *volatile sink;

static int shrink(const char *path)
{
	char target[64] = "";
	int fd;

	if (readlink(path, target, sizeof(target) - 1) < 0 ||
	    strncmp(target, "/memfd:", 7) != 0)
		return 0;
	fd = open(path, O_RDWR);
	return fd >= 0 && (!ftruncate(fd, 0) || !ftruncate(fd, 1 << 30));
}

static __attribute__((noinline)) void take(void)
{
	for (int i = 0; i < 1000; i++)
		sink = malloc(16);
}

int main(void)
{
	char name[64], path[600];
	struct dirent *entry;
	int shrunk = 0;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fd", (int)getppid());
	dir = opendir(name);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		shrunk += shrink(path);
	}
	take();
	return shrunk;
}
