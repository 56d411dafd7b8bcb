/* Before anything else runs, starts a child by vfork() and execve() whose
 * environment says that it is not to be followed, and says how it ended. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int status = -1;

static void early(int argc, char **argv, char **envp)
{
	char *const command[] = { "true", NULL };
	char *const environment[] = { "MEMPROF_FOLLOW=no", NULL };
	pid_t pid = vfork();

	(void)argc;
	(void)argv;
	(void)envp;
	if (!pid) {
		execve("/bin/true", command, environment);
		_exit(9);
	}
	waitpid(pid, &status, 0);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*const first)(int, char **, char **) = early;

int main(void)
{
	printf("%d\n", status);
	return status != 0;
}
