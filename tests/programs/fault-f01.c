/* Closes every descriptor, then writes 10 bytes to a file that gets a low one:
 * 20,001 blocks, none left; with "range" 5,001, of which 5,000 of 24 bytes. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void *volatile sink;

static void churn(int n, int keep)
{
	for (int i = 0; i < n; i++) {
		sink = malloc(24);
		if (!keep)
			free(sink);
	}
}

int main(int argc, char **argv)
{
	int range = argc > 2 && !strcmp(argv[2], "range");

	sink = malloc(100);
	free(sink);
	for (int fd = 3; !range && fd < 1024; fd++)
		close(fd);
	if (range)
		syscall(SYS_close_range, 3, ~0U, 0);
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	churn(range ? 2500 : 10000, range);
	if (fd != 3 || write(fd, "ten bytes\n", 10) != 10)
		return 98;
	churn(range ? 2500 : 10000, range);
	return close(fd) ? 97 : 0;
}
