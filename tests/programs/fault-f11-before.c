/* Executes its arguments where all system calls are deadly but those that any
 * dynamically linked program makes when it starts; after "-a" none is. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(name)                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                 \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(read),
		ALLOW(write),
		ALLOW(openat),
		ALLOW(mmap),
		ALLOW(mprotect),
		ALLOW(munmap),
		ALLOW(brk),
		ALLOW(close),
		ALLOW(newfstatat),
		ALLOW(pread64),
		ALLOW(arch_prctl),
		ALLOW(set_tid_address),
		ALLOW(set_robust_list),
		ALLOW(rseq),
		ALLOW(prlimit64),
		ALLOW(getrandom),
		ALLOW(exit_group),
		ALLOW(execve),
		ALLOW(access),
		ALLOW(futex),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (argc > 2 && !strcmp(argv[1], "-a")) {
		code[1] = code[sizeof(code) / sizeof(code[0]) - 2];
		argv++;
	}
	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 77;
	execv(argv[1], argv + 1);
	return 78;
}
