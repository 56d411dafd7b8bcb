/*
 * 100 blocks of 30 bytes, of which the child frees the 100 it inherited and
 * the parent 50. The child makes 1000 of its own of 20 bytes, leaks 400, and
 * then becomes argv[1], if there is one.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block[1000], *volatile other[1000];

static void child(char **argv)
{
	for (int i = 0; i < 1000; i++)
		other[i] = malloc(20);
	for (int i = 0; i < 600; i++)
		free(other[i]);
	for (int i = 0; i < 100; i++)
		free(block[i]);
	if (argv[1])
		execv(argv[1], argv + 1);
	_exit(7);
}

int main(int argc, char **argv)
{
	int status;

	(void)argc;
	for (int i = 0; i < 100; i++)
		block[i] = malloc(30);
	if (fork() == 0)
		child(argv);
	wait(&status);
	for (int i = 0; i < 50; i++)
		free(block[i]);
	return WEXITSTATUS(status);
}
