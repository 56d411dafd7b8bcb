/* Allocates where all system calls but a few are deadly: "strict" 1,101 blocks,
 * "filter" 20,001, "thread" the same in a thread begun inside, "fork" in a
 * child, "direct" without telling libc that there is a sandbox. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void *volatile sink;

static __attribute__((noinline)) void churn(int n)
{
	for (int i = 0; i < n; i++) {
		sink = malloc((size_t)i % 64 + 1);
		free(sink);
	}
}

static void *thread(void *unused)
{
	churn(10000);
	return unused;
}

static void leave(int status)
{
	syscall(SYS_exit, status);
}

static long install(int direct, struct sock_fprog *program)
{
	long ret;

	if (!direct)
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(SYS_prctl), "D"(PR_SET_SECCOMP), "S"(2),
			   "d"(program)
			 : "rcx", "r11", "memory");
	return ret;
}

#define ALLOW(name)                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                 \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void filter(int direct)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(read), ALLOW(write), ALLOW(exit), ALLOW(exit_group),
		ALLOW(futex), ALLOW(brk), ALLOW(mmap), ALLOW(munmap),
		/* What starting a thread and forking take natively. */
		ALLOW(mprotect), ALLOW(clone), ALLOW(clone3), ALLOW(rseq),
		ALLOW(set_robust_list), ALLOW(rt_sigprocmask), ALLOW(madvise),
		ALLOW(wait4), ALLOW(rt_sigaction), ALLOW(sched_getaffinity),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (install(direct, &program))
		leave(77);
}

int main(int argc, char **argv)
{
	const char *mode = argv[argc - 1];
	int status = 0;
	pthread_t id;

	churn(1);
	if (!strcmp(mode, "strict")) {
		sink = malloc(200000);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			leave(77);
		void *volatile kept = sink;

		churn(1099);
		sink = kept;
		leave(13);
	}
	filter(!strcmp(mode, "direct"));
	churn(10000);
	if (!strcmp(mode, "thread")) {
		if (pthread_create(&id, NULL, thread, NULL) ||
		    pthread_join(id, NULL))
			leave(78);
	} else if (!strcmp(mode, "fork")) {
		if (!fork()) {
			churn(10000);
			leave(12);
		}
		wait(&status);
		if (WEXITSTATUS(status) != 12)
			leave(79);
	} else {
		churn(10000);
	}
	leave(13);
}
