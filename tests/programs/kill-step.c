/*
 * kill-step N COMMAND...: runs the command and kills it before the Nth of its
 * system calls that could change another process. With N = 0 prints how many
 * there are until it begins to wait (ppoll), and sends SIGTERM then.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pwrite64, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ppoll, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };

	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	long wanted = argc > 2 ? atol(argv[1]) : 0, count = 0;
	struct user_regs_struct regs;
	pid_t pid = fork();
	int status, signal;

	if (!pid)
		run(argv + 2);
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	ptrace(PTRACE_CONT, pid, 0, 0);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		signal = status >> 16 || WSTOPSIG(status) == SIGTRAP
				 ? 0
				 : WSTOPSIG(status);
		ptrace(PTRACE_GETREGS, pid, 0, &regs);
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8) &&
		    ++count == wanted)
			return kill(pid, SIGKILL) ||
			       waitpid(pid, &status, 0) != pid;
		if (!wanted && regs.orig_rax == SYS_ppoll) {
			printf("%ld\n", count);
			wanted = -1;
			kill(pid, SIGTERM);
		}
		ptrace(PTRACE_CONT, pid, 0, (long)signal);
	}
	return wanted < 0 ? 0 : 1;
}
