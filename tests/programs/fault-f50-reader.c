/* Holds as many MiB as it is told, says "ready", and lives until the file that
 * is named is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? (size_t)atoi(argv[1]) << 20 : 0;
	char *volatile held = malloc(size);

	if (!held)
		return 1;
	memset(held, 1, size);
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < 1200 && !access(argv[2], F_OK); i++)
		usleep(100000);
	return 0;
}
