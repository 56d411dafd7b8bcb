/* N children that live at the same time: each takes a block, then waits. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block;

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0, ready[2], over[2];
	char byte = 0;

	if (pipe(ready) || pipe(over))
		return 1;
	for (int i = 0; i < n; i++) {
		if (!fork()) {
			close(over[1]);
			block = malloc(20);
			if (write(ready[1], &byte, 1) == 1)
				_exit(read(over[0], &byte, 1) != 0);
			_exit(1);
		}
	}
	for (int i = 0; i < n; i++)
		if (read(ready[0], &byte, 1) != 1)
			return 1;
	close(over[1]);
	while (wait(NULL) > 0)
		;
	return 0;
}
