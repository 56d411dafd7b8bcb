/* Forks behind the back of atfork handlers: _Fork(), clone through syscall(),
 * or the instruction itself. Parent and child take and free 5,000 each. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static long raw_clone(void)
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(SYS_clone), "D"(SIGCHLD), "S"(0), "d"(0),
			   "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

int main(int argc, char **argv)
{
	const char *how = argv[argc - 1];
	long pid = !strcmp(how, "_Fork") ? _Fork()
		   : !strcmp(how, "call")
			   ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
			   : raw_clone();
	int status = 0;

	for (int i = 0; i < 5000; i++) {
		sink = malloc(20);
		free(sink);
	}
	if (!pid)
		_exit(3);
	return waitpid((pid_t)pid, &status, 0) == pid ? WEXITSTATUS(status) : 9;
}
