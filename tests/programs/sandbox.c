/*
 * Under seccomp's strict mode, or with argv[1] under a filter that kills at
 * anything but what malloc itself needs: 20,000 blocks of 40 bytes, 10 leak.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(call)                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                 \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void *volatile block;

static void filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		ALLOW(write),
		ALLOW(exit),
		ALLOW(exit_group),
		ALLOW(brk),
		ALLOW(mmap),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	(void)argv;
	block = malloc(100000);
	free(block);
	if (argc > 1)
		filter();
	else
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	for (int i = 0; i < 20000; i++) {
		block = malloc(40);
		if (i >= 10)
			free(block);
	}
	syscall(SYS_exit, 13);
}
