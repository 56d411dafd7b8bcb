/*
 * Closes every descriptor from 3 on as daemons do, puts a file in place of
 * each of 3 to 9, allocates 20,000 blocks of 16 bytes meanwhile, and writes 10
 * bytes to the first file: it must hold those 10 bytes alone.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile block;

static void churn(void)
{
	for (int i = 0; i < 10000; i++) {
		block = malloc(16);
		free(block);
	}
}

int main(int argc, char **argv)
{
	int fd;

	for (fd = 3; fd < 256; fd++)
		close(fd);
	churn();
	fd = open(argv[argc - 1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (int other = fd + 1; other < 10; other++)
		dup2(fd, other);
	churn();
	if (write(fd, "ten bytes\n", 10) != 10)
		return 98;
	return lseek(fd, 0, SEEK_END) == 10 ? 0 : 99;
}
