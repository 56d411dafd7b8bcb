/* Owns descriptors 3 to 9, all one file of 10 bytes, while it allocates 20,001
 * blocks and frees them; 98 when somebody else wrote there. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void *volatile sink;

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	struct stat st;

	sink = malloc(1);
	free(sink);
	for (int to = 3; to <= 9; to++)
		dup2(fd, to);
	for (int i = 0; i < 20000; i++) {
		sink = malloc((size_t)i % 500 + 1);
		free(sink);
	}
	if (write(7, "ten bytes\n", 10) != 10 || fstat(5, &st))
		return 97;
	return st.st_size == 10 ? 0 : 98;
}
