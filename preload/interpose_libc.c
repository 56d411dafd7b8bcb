/*
 * interpose_libc - calls that the agent only needs to know of: modules going
 * away, sizes and names of threads, sandboxes being entered.
 */
#include "preload/interpose_fork.h"
#include "preload/modules.h"
#include "preload/next.h"
#include "preload/python.h"
#include "preload/record.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define EXPORT __attribute__((visibility("default")))

/* A module is only forgotten between two of the program's own calls. */
EXPORT int dlclose(void *handle)
{
	const struct registers caller = CALLER_REGISTERS();
	bool on = agent_start();
	uint32_t begun = 0;
	int ret;

	next_resolve();
	if (on) {
		begun = modules_unload_begin();
		python_unload_begin();
	}
	ret = next.dlclose(handle);
	if (on) {
		int saved_errno = errno;
		struct thread *t = record_enter(&caller);

		modules_unload_end(t, begun);
		if (t)
			record_leave();
		if (!modules_are_unloading())
			python_unload_end();
		errno = saved_errno;
	}
	return ret;
}

static void note_stack_size(const pthread_attr_t *attr)
{
	size_t size, known;

	if (pthread_attr_getstacksize(attr, &size) != 0)
		return;
	known = atomic_load_explicit(&agent.stack_size, memory_order_relaxed);
	while (size > known &&
	       !atomic_compare_exchange_weak_explicit(
		       &agent.stack_size, &known, size, memory_order_relaxed,
		       memory_order_relaxed))
		;
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*start)(void *), void *arg)
{
	next_resolve();
	if (attr)
		note_stack_size(attr);
	return next.pthread_create(thread, attr, start, arg);
}

static void record_name(const char *name, const struct registers *caller)
{
	int saved_errno = errno;
	struct thread *t = record_enter(caller);

	if (t) {
		record_payload(t, RING_NAME, 0, name, strnlen(name, 15));
		record_leave();
	}
	errno = saved_errno;
}

EXPORT int pthread_setname_np(pthread_t thread, const char *name)
{
	const struct registers caller = CALLER_REGISTERS();
	int error;

	next_resolve();
	error = next.pthread_setname_np(thread, name);
	if (!error && pthread_equal(thread, pthread_self()))
		record_name(name, &caller);
	return error;
}

/*
 * What comes after a child's end is later than all that the child did, so it
 * may not be placed by an older stamp.
 */
EXPORT pid_t wait(int *status)
{
	next_resolve();
	pid_t pid = next.wait(status);

	record_time_soon();
	return pid;
}

EXPORT pid_t waitpid(pid_t which, int *status, int options)
{
	next_resolve();
	pid_t pid = next.waitpid(which, status, options);

	record_time_soon();
	return pid;
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	next_resolve();
	pid_t pid = next.wait3(status, options, usage);

	record_time_soon();
	return pid;
}

EXPORT pid_t wait4(pid_t which, int *status, int options, struct rusage *usage)
{
	next_resolve();
	pid_t pid = next.wait4(which, status, options, usage);

	record_time_soon();
	return pid;
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	next_resolve();
	int ret = next.waitid(type, id, info, options);

	record_time_soon();
	return ret;
}

static void enter_sandbox(unsigned long mode)
{
	agent.sandboxed = true;
	if (mode == SECCOMP_MODE_STRICT)
		agent.clockless = true;
}

EXPORT int prctl(int option, ...)
{
	const struct registers caller = CALLER_REGISTERS();
	unsigned long arg[4];
	va_list list;
	int ret;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(list, unsigned long);
	va_end(list);
	next_resolve();
	if (option == PR_SET_SECCOMP)
		enter_sandbox(arg[0]);
	if (option == PR_SET_TSC && arg[0] != PR_TSC_ENABLE)
		agent.clockless = true;
	ret = next.prctl(option, arg[0], arg[1], arg[2], arg[3]);
	if (option == PR_SET_NAME && !ret)
		record_name((const char *)arg[0], &caller);
	return ret;
}

static __attribute__((used)) long (*syscall_next(long number, long first,
						 long second))(long, ...)
{
	const struct registers caller = CALLER_REGISTERS();

	next_resolve();
	if (number == SYS_seccomp)
		enter_sandbox(first == SECCOMP_SET_MODE_STRICT
				      ? SECCOMP_MODE_STRICT
				      : SECCOMP_MODE_FILTER);
	return interpose_fork_syscall((const long[]){ number, first, second },
				      &caller);
}

/*
 * syscall() may be a clone that returns on another stack, so nothing of ours
 * may stay on this one: look at the number, then jump.
 */
__asm__(".globl syscall\n"
	".type syscall, @function\n"
	"syscall:\n"
	"	.cfi_startproc\n"
	"	push %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rdx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rcx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %r8\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %r9\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	sub $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call syscall_next\n"
	"	add $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %r9\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %r8\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rcx\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rdx\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rsi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rdi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	jmp *%rax\n"
	"	.cfi_endproc\n"
	".size syscall, .-syscall\n");
