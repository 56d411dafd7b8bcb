/* 12,345 blocks of 17 bytes that leak, and then the end that argv[1] names. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *volatile kept;
static int *volatile nowhere;

static void *leave(void *unused)
{
	(void)unused;
	exit(9);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	pthread_t thread;

	for (int i = 0; i < 12345; i++)
		kept = malloc(17);
	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "_exit"))
		_exit(4);
	if (!strcmp(how, "quick_exit"))
		quick_exit(5);
	if (!strcmp(how, "exit_group"))
		syscall(SYS_exit_group, 6);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "SIGKILL"))
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "SIGSEGV"))
		*nowhere = 1;
	if (!strcmp(how, "SIGTERM"))
		raise(SIGTERM);
	if (!strcmp(how, "exec"))
		execl("/bin/true", "true", NULL);
	if (!strcmp(how, "thread")) {
		pthread_create(&thread, NULL, leave, NULL);
		pthread_join(thread, NULL);
	}
	return 0;
}
