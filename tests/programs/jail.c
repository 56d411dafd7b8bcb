/* Takes and frees a block, goes to another root and to another user, takes
 * 1,000 of 20 bytes there and in a child 10 of 30; all of these stay. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(int n, size_t size)
{
	for (int i = 0; i < n; i++)
		sink = malloc(size);
}

int main(void)
{
	int status = 1;

	take(1, 100);
	free(sink);
	if (chroot(".") || chdir("/") || setgid(65534) || setuid(65534))
		return 77;
	take(1000, 20);
	if (!fork()) {
		take(10, 30);
		_exit(5);
	}
	wait(&status);
	return WEXITSTATUS(status);
}
