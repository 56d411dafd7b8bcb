/* Forks a child that waits without a word; where the calls of both lead must
 * be as it was before, when "3" is there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((noipa)) void *where(void)
{
	/* With -fno-plt a call takes the address from where this does. */
	void *to[1] = { (void *)malloc };

	__asm__ volatile("" : : "r"(to) : "memory");
	return to[0];
}

static void await(const char *file)
{
	while (access(file, F_OK))
		usleep(1000);
}

static void stage(const char *name)
{
	await(name);
	printf("stage %s\n", name);
	fflush(stdout);
}

int main(void)
{
	void *before = where(), *attached;
	int status = 1;
	pid_t pid;

	puts("ready");
	fflush(stdout);
	stage("2");
	attached = where();
	pid = fork();
	stage("3");
	if (before == attached || before != where())
		_exit(1);
	if (!pid)
		_exit(0);
	await("end");
	if (waitpid(pid, &status, 0) == pid && !status)
		puts("ok");
	return status;
}
