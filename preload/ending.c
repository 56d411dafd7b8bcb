/*
 * ending - see ending.h.
 *
 * What is still pointed to when a program ends is not to be asked while it
 * ends: its destructors take down what points there. And to read all of its
 * memory would hold it up. So the thread that ends the process makes a copy of
 * it, as fork() does but without a word to the program's libraries, and goes
 * on; the collector reads the copy when it comes to it.
 *
 * The same is done while the program goes on, when memprof asks for it: it has
 * stopped all threads, and calls memprof_copy() in one of them.
 *
 * Rules
 * -----
 * The copy is nobody's child: it ends without a signal, so that no wait() of
 * the program sees it. Nothing of the program runs in it: all signals are
 * blocked before it is made, it leaves the session, and holds no descriptor by
 * the time the program goes on, or a pipe's other end would wait for it. It
 * ends when the collector has read it, or has gone. Where the program has made
 * itself undumpable, its copy is dumpable: so long who has the same user may
 * read it.
 *
 * The program's way is exit(), which the C library itself calls when main()
 * returns. Nobody can stand before that call; but what exit() does first is to
 * destroy the objects of the thread, so one of them is ours. A destructor of
 * the agent, which runs when all others have, is for what is left: threads that
 * outlive main(), exit() called by a thread within the C library.
 */
#include "preload/ending.h"
#include "preload/agent.h"
#include "preload/next.h"
#include "preload/record.h"
#include "preload/stack.h"
#include "trace/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Called by a memprof that has stopped the thread: see trace/attach.h. */
__attribute__((visibility("default"))) void
memprof_copy(struct attach_copy *order);

enum {
	PATIENCE = 100, /* naps of 10 ms until the copy is as it should be, */
	STOP_PATIENCE = 200, /* and until the other threads have stopped */
	SILENCE = 10, /* seconds without a heartbeat: the collector is gone */
	EXIT_BYTES = 64, /* of exit()'s code, which is one call */
	EXIT_DEPTH = 32, /* frames in which to look for it */
	OLD_DESCRIPTORS = 4096, /* closed one by one by an old kernel */
	ALL_SIGNALS = 8, /* bytes of the kernel's set */
	EVERYTHING = -1,
};

/* As the stubs at the end of this file push them. */
struct leave {
	uintptr_t registers[RING_COPY_REGISTERS];
	uintptr_t arg;
	uintptr_t pc;
};

static struct ring_process *own_process(void)
{
	uint32_t ref = atomic_load_explicit(&agent.local->process,
					    memory_order_relaxed);

	return ref && ref <= RING_PROCESSES ? &agent.ring->process[ref - 1]
					    : NULL;
}

static void nap(_Atomic uint32_t *word, uint32_t value, long ns)
{
	const struct timespec time = { .tv_sec = ns / 1000000000,
				       .tv_nsec = ns % 1000000000 };

	processor_syscall(SYS_futex, (long)word, FUTEX_WAIT, value,
			  (long)&time);
}

static void say(_Atomic uint32_t *word, uint32_t value)
{
	/* Release: the other side finds what was done before. */
	atomic_store_explicit(word, value, memory_order_release);
	processor_syscall(SYS_futex, (long)word, FUTEX_WAKE, INT32_MAX, 0);
}

/* In the copy: lets go of all that is not memory. */
static void let_go(void)
{
	processor_syscall(SYS_setsid, 0, 0, 0, 0);
	if (processor_syscall(SYS_close_range, 0, EVERYTHING, 0, 0) == -ENOSYS)
		for (long fd = 0; fd < OLD_DESCRIPTORS; fd++)
			processor_syscall(SYS_close, fd, 0, 0, 0);
	/* A program that may not be read lets nobody read its copy either. */
	processor_syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0);
	/* Where only who descends from a reader may be read (Yama). */
	processor_syscall(SYS_prctl, PR_SET_PTRACER,
			  agent.ring->header.collector, 0, 0);
}

/* In the copy: stays until it has been read. */
static _Noreturn void stay(_Atomic uint32_t *word)
{
	_Atomic uint64_t *heart = &agent.ring->header.heartbeat;
	uint64_t beat = 0, now;
	int silent = 0;

	let_go();
	say(word, RING_COPY_MADE);
	do {
		nap(word, RING_COPY_MADE, 1000000000);
		now = atomic_load_explicit(heart, memory_order_relaxed);
		silent = now == beat ? silent + 1 : 0;
		beat = now;
	} while (atomic_load_explicit(word, memory_order_relaxed) ==
			 RING_COPY_MADE &&
		 now && silent < SILENCE);
	for (;;)
		processor_syscall(SYS_exit_group, 0, 0, 0, 0);
}

/* Until a copy, if it was made, is as it should be. */
static void await(_Atomic uint32_t *word, uint32_t before, long pid)
{
	for (int i = 0;
	     pid > 0 && i < PATIENCE &&
	     /* Acquire: it has let go. */
	     atomic_load_explicit(word, memory_order_acquire) == before;
	     i++)
		nap(word, before, 10000000);
}

/* What clone() gives: the copy's pid, or an error below 0. */
static long make_copy(_Atomic uint32_t *word)
{
	const uint64_t all = UINT64_MAX;
	const long arg[6] = { 0 };
	const uint32_t before_it =
		atomic_load_explicit(word, memory_order_relaxed);
	uint64_t before;
	long pid;

	processor_syscall(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, (long)&all,
			  (long)&before, ALL_SIGNALS);
	pid = processor_syscall6(SYS_clone, arg);
	if (!pid)
		stay(word);
	await(word, before_it, pid);
	processor_syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */,
			  (long)&before, 0, ALL_SIGNALS);
	return pid;
}

/* In a process that has the memory of this one, which waits for its end. */
static __attribute__((noinline, noreturn)) void beget(struct ring_process *p)
{
	const long arg[6] = { 0 };
	long pid = processor_syscall6(SYS_clone, arg);

	if (!pid)
		stay(&p->twin);
	atomic_store_explicit(&p->twin_pid, (int32_t)pid, memory_order_relaxed);
	for (;;)
		processor_syscall(SYS_exit_group, 0, 0, 0, 0);
}

/*
 * As make_copy(). This process goes on, and would have to wait for a child's
 * end: so it is a grandchild.
 */
static long make_twin(struct ring_process *p)
{
	const uint64_t all = UINT64_MAX;
	const long share[6] = { CLONE_VM | CLONE_VFORK };
	uint64_t before;
	long pid;

	processor_syscall(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, (long)&all,
			  (long)&before, ALL_SIGNALS);
	atomic_store_explicit(&p->twin_pid, -EAGAIN, memory_order_relaxed);
	pid = processor_syscall6(SYS_clone, share);
	if (!pid)
		beget(p);
	if (pid > 0) {
		processor_syscall(SYS_wait4, pid, 0, __WCLONE, 0);
		pid = atomic_load_explicit(&p->twin_pid, memory_order_relaxed);
	}
	await(&p->twin, RING_COPY_BEGUN, pid);
	processor_syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */,
			  (long)&before, 0, ALL_SIGNALS);
	return pid;
}

/* Threads of this process; 0 not known. */
static uint64_t count_threads(void)
{
	struct stat st;

	if (processor_syscall(SYS_newfstatat, AT_FDCWD, (long)"/proc/self/task",
			      (long)&st, 0) != 0 ||
	    st.st_nlink < 3)
		return 0;
	return st.st_nlink - 2;
}

/*
 * Has the collector stopped all other threads? 0, or an error. It lets them go
 * when the copy has been made.
 */
static long stop_others(struct ring_process *p)
{
	uint32_t asked = RING_COPY_ASKED;

	say(&p->copy, RING_COPY_ASKED);
	for (int i = 0; i < STOP_PATIENCE &&
			atomic_load_explicit(&p->copy, memory_order_acquire) ==
				RING_COPY_ASKED;
	     i++)
		nap(&p->copy, RING_COPY_ASKED, 10000000);
	if (atomic_compare_exchange_strong_explicit(
		    &p->copy, &asked, RING_COPY_BEGUN, memory_order_relaxed,
		    memory_order_relaxed))
		return -ETIMEDOUT;
	return asked == RING_COPY_ALLOWED ? 0 : -EPERM;
}

static void copy(struct thread *t, struct ring_process *p, struct ring_copy *c)
{
	long pid;

	p->leaver = (int32_t)processor_syscall(SYS_gettid, 0, 0, 0, 0);
	pid = count_threads() == 1 ? 0 : stop_others(p);
	if (!pid)
		pid = make_copy(&p->copy);
	if (pid > 0)
		c->pid = (int32_t)pid;
	else
		c->error = (int32_t)-pid;
	c->thread_pointer = (uintptr_t)__builtin_thread_pointer();
	record_payload(t, RING_NOTE, RING_NOTE_COPY, c, sizeof(*c));
}

/* Not in a child of vfork(), which has its parent's memory. */
static bool is_due(struct ring_process *p)
{
	uint32_t none = RING_COPY_NONE;

	return p && !agent.sandboxed &&
	       atomic_load_explicit(&agent.ring->header.heartbeat,
				    memory_order_relaxed) &&
	       processor_syscall(SYS_getpid, 0, 0, 0, 0) == p->pid &&
	       atomic_compare_exchange_strong_explicit(
		       &p->copy, &none, RING_COPY_BEGUN, memory_order_relaxed,
		       memory_order_relaxed);
}

static int32_t copy_now(struct attach_copy *order)
{
	uint32_t none = RING_COPY_NONE;
	struct ring_process *p;
	long pid;

	if (atomic_load_explicit(&agent.state, memory_order_acquire) !=
	    AGENT_ON)
		return ATTACH_NOTHING;
	p = own_process();
	if (!p || agent.sandboxed ||
	    processor_syscall(SYS_getpid, 0, 0, 0, 0) != p->pid)
		return ATTACH_NOTHING;
	if (!atomic_compare_exchange_strong_explicit(
		    &p->twin, &none, RING_COPY_BEGUN, memory_order_relaxed,
		    memory_order_relaxed))
		return ATTACH_BUSY;
	pid = make_twin(p);
	if (pid > 0)
		order->pid = (int32_t)pid;
	else
		order->error = (int32_t)-pid;
	return ATTACH_DONE;
}

void memprof_copy(struct attach_copy *order)
{
	order->answer = order->version == ATTACH_VERSION
				? (uint32_t)copy_now(order)
				: ATTACH_OTHER_VERSION;
}

static bool is_wanted(void)
{
	return atomic_load_explicit(&agent.state, memory_order_acquire) ==
		       AGENT_ON &&
	       agent.ring->header.flags & RING_LEAKS;
}

/*
 * Where the stack of who called exit() begins, when exit() is what we were
 * called from: what lies below is the C library's, with old values in it.
 */
static uintptr_t find_exit(struct thread *t, const struct registers *caller)
{
	const uintptr_t code = (uintptr_t)next.exit;
	struct capture c;

	stack_capture(t, caller, &c);
	for (uint32_t i = 0; i < EXIT_DEPTH && i < c.fresh + c.keep; i++) {
		const struct frame *f =
			i < c.fresh ? stack_frame(t->fresh, i)
				    : stack_frame(t->stack,
						  c.keep - 1 - (i - c.fresh));

		if (f->pc - code <= EXIT_BYTES)
			return f->sp;
	}
	return caller->sp;
}

/* `sp`: where the stack that counts begins; 0: where exit() was called. */
static void leave_late(const struct registers *caller, uintptr_t sp)
{
	struct ring_copy c = { 0 };
	struct ring_process *p;
	struct thread *t;

	if (!is_wanted())
		return;
	t = record_enter(caller);
	if (!t)
		return;
	p = own_process();
	if (is_due(p)) {
		c.sp = sp ? sp : find_exit(t, caller);
		copy(t, p, &c);
	}
	record_leave();
}

void ending_ahead(void)
{
	const struct registers caller = CALLER_REGISTERS();
	uintptr_t sp;

	/* What callers keep in registers lies in this frame from here on. */
	__builtin_unwind_init();
	__asm__ volatile("mov %%rsp, %0" : "=r"(sp));
	leave_late(&caller, sp);
}

/* exit() destroys the objects of its thread first. */
static void leave_by_exit(void *unused)
{
	const struct registers caller = CALLER_REGISTERS();

	(void)unused;
	leave_late(&caller, 0);
}

static __attribute__((destructor)) void leave_at_last(void)
{
	const struct registers caller = CALLER_REGISTERS();

	leave_late(&caller, 0);
}

/* The loader's name for this library. */
extern void *__dso_handle __attribute__((visibility("hidden")));
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);

static void register_object(void)
{
	__cxa_thread_atexit_impl(leave_by_exit, NULL, &__dso_handle);
}

void ending_start(void)
{
	if (is_wanted())
		next_unrecorded(register_object);
}

enum way {
	WAY_EXIT,
	WAY_EXIT_AT_ONCE,
	WAY_QUICK_EXIT,
	WAY_ABORT,
};

static void *way_on(enum way way)
{
	switch (way) {
	case WAY_EXIT:
		return (void *)(uintptr_t)next.exit;
	case WAY_EXIT_AT_ONCE:
		return (void *)(uintptr_t)next._exit;
	case WAY_QUICK_EXIT:
		return (void *)(uintptr_t)next.quick_exit;
	case WAY_ABORT:
		break;
	}
	return (void *)(uintptr_t)next.abort;
}

/* From a stub: makes the copy and says where to go on. */
static __attribute__((used)) void *leave_by(const struct leave *l, enum way way)
{
	const struct registers caller = { .pc = l->pc,
					  .sp = (uintptr_t)(l + 1),
					  .fp = l->registers[1] };
	struct ring_copy c = { .sp = caller.sp };
	struct ring_process *p;
	struct thread *t;

	next_resolve();
	t = is_wanted() ? record_enter(&caller) : NULL;
	if (t) {
		p = own_process();
		memcpy(c.registers, l->registers, sizeof(c.registers));
		if (is_due(p))
			copy(t, p, &c);
		record_leave();
	}
	return way_on(way);
}

/*
 * Nothing of ours is left on the stack when the real one is called: what runs
 * in it is the program's, and its stacks are to be as they were.
 */
#define STUB(name, way)                                                        \
	__asm__(".globl " name "\n"                                            \
		".type " name ", @function\n" name ":\n"                       \
		"	.cfi_startproc\n"                                            \
		"	push %rdi\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %r15\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %r14\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %r13\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %r12\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %rbp\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %rbx\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	mov %rsp, %rdi\n"                                            \
		"	mov $" way ", %esi\n"                                  \
		"	call leave_by\n"                                             \
		"	add $48, %rsp\n"                                             \
		"	.cfi_adjust_cfa_offset -48\n"                                \
		"	pop %rdi\n"                                                  \
		"	.cfi_adjust_cfa_offset -8\n"                                 \
		"	jmp *%rax\n"                                                 \
		"	.cfi_endproc\n"                                              \
		".size " name ", .-" name "\n")

STUB("exit", "0");
STUB("_exit", "1");
STUB("_Exit", "1");
STUB("quick_exit", "2");
STUB("abort", "3");
