/* Takes 12,345 blocks of 17 bytes, keeps all of them, and ends. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void take(void)
{
	for (int i = 0; i < 12345; i++)
		sink = malloc(17);
}

int main(int argc, char **argv)
{
	const char *how = argv[argc - 1];

	take();
	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "_exit"))
		_exit(3);
	if (!strcmp(how, "quick_exit"))
		quick_exit(3);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "kill"))
		raise(SIGKILL);
	if (!strcmp(how, "crash"))
		*(volatile int *)8 = 1;
	if (!strcmp(how, "exec"))
		execlp("true", "true", (char *)NULL);
	if (!strcmp(how, "pthread_exit"))
		pthread_exit(NULL);
	return 3;
}
