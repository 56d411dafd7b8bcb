/*
 * visit - see visit_x86_64.h.
 *
 * The layout is that of the kernel's arch/x86/include/asm/sigframe.h and
 * uapi/asm/sigcontext.h. The saved extended state is what ptrace(2) gives,
 * with the kernel's mark in the bytes that the processor leaves to software.
 */
#include "inject/visit_x86_64.h"

#include <cpuid.h>
#include <errno.h>
#include <elf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "trace/freeze_x86_64.h"
#include "trace/xmalloc.h"

enum {
	RED_ZONE = 128,
	LEGACY = 512, /* bytes of state before the header */
	HEADER = 64,
	MARK_AT = 464, /* in the legacy part: left to software */
	FEATURES_MAX = 63,
	ALIGN = 64,
	NO_SUCH_MODE = 7, /* of a stack for signals */
};

/* Of uc_flags. */
enum {
	UC_XSTATE = 1,
	UC_SS = 2,
	UC_STRICT_SS = 4,
};

/* As the ABI wants them at a call: none of these. */
enum {
	FLAG_TRAP = 0x100,
	FLAG_DIRECTION = 0x400,
	FLAG_ALIGN = 0x40000,
};

/* What a system call that was interrupted gives inside the kernel. */
enum {
	ERESTARTSYS = 512,
	ERESTARTNOINTR = 513,
	ERESTARTNOHAND = 514,
	ERESTART_BLOCK = 516,
};

#define MARK_1 0x46505853u
#define MARK_2 0x46505845u

struct mark {
	uint32_t magic;
	uint32_t extended_size;
	uint64_t features;
	uint32_t size;
	uint32_t pad[7];
};

/* ucontext_t of <ucontext.h> has room behind that the kernel's has not. */
struct kernel_ucontext {
	uint64_t flags;
	uint64_t link;
	struct {
		uint64_t sp;
		int32_t flags;
		uint32_t pad;
		uint64_t size;
	} stack;
	struct {
		uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
		uint64_t di, si, bp, bx, dx, ax, cx, sp, ip, flags;
		uint16_t cs, gs, fs, ss;
		uint64_t err, trapno, oldmask, cr2;
		uint64_t state; /* address */
		uint64_t reserved[8];
	} context;
	uint64_t mask;
};

struct signal_frame {
	uint64_t trampoline;
	struct kernel_ucontext context;
	uint8_t info[128];
};

_Static_assert(sizeof(struct kernel_ucontext) == 304, "the kernel's");

static const uint8_t trampoline[] = {
	0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05,
};
static const uint8_t store[] = { 0x48, 0x89, 0x03, 0x5b, 0xc3 };

/* ns; it is at once, but where many threads share few processors. */
static const uint64_t time_to_stop = 5000000000;

bool visit_find(struct visit *f, struct image *libc)
{
	f->trampoline = image_bytes(libc, trampoline, sizeof(trampoline));
	f->store = image_bytes(libc, store, sizeof(store));
	return f->trampoline && f->store;
}

bool visit_has_room(const struct tracee *t, uintptr_t low, uintptr_t high,
		    bool grows)
{
	uintptr_t sp = t->regs.rsp;
	size_t needed = VISIT_ROOM + t->xstate_size;

	if (sp < low || sp > high)
		return false;
	/* Another stack than the one it was started on is too small, or part of
	 * something else. The thread's control block is at the top. */
	if (!grows && (t->regs.fs_base < sp || t->regs.fs_base >= high))
		return false;
	return sp - low >= (grows ? needed / 2 : needed);
}

long visit_system_call(const struct user_regs_struct *regs)
{
	return (long)regs->orig_rax;
}

static bool is_restarted(const struct user_regs_struct *regs)
{
	int64_t result = (int64_t)regs->rax;

	return visit_system_call(regs) >= 0 &&
	       (result == -ERESTARTSYS || result == -ERESTARTNOINTR ||
		result == -ERESTARTNOHAND || result == -ERESTART_BLOCK);
}

bool visit_restart(struct tracee *t)
{
	return freeze_restart(&t->regs);
}

/* How far the state reaches that has other than its first value. */
static uint32_t state_size(const uint8_t *state, size_t most)
{
	uint32_t size = LEGACY + HEADER, eax, ebx, ecx, edx;
	uint64_t features;

	memcpy(&features, state + LEGACY, sizeof(features));
	for (uint32_t i = 2; i < FEATURES_MAX; i++) {
		if (!(features >> i & 1) ||
		    !__get_cpuid_count(0xd, i, &eax, &ebx, &ecx, &edx))
			continue;
		if (ebx + eax > size)
			size = ebx + eax;
	}
	return size <= most ? size : (uint32_t)most;
}

static void fill_context(const struct visit *f, struct signal_frame *frame,
			 uintptr_t state)
{
	const struct user_regs_struct *r = &f->tracee->regs;
	struct kernel_ucontext *u = &frame->context;

	frame->trampoline = f->trampoline;
	u->flags = UC_XSTATE | UC_SS | UC_STRICT_SS;
	/* No such mode: the kernel leaves the stack for signals as it is. */
	u->stack.flags = NO_SUCH_MODE;
	u->context.r8 = r->r8;
	u->context.r9 = r->r9;
	u->context.r10 = r->r10;
	u->context.r11 = r->r11;
	u->context.r12 = r->r12;
	u->context.r13 = r->r13;
	u->context.r14 = r->r14;
	u->context.r15 = r->r15;
	u->context.di = r->rdi;
	u->context.si = r->rsi;
	u->context.bp = r->rbp;
	u->context.bx = r->rbx;
	u->context.dx = r->rdx;
	u->context.ax = r->rax;
	u->context.cx = r->rcx;
	u->context.sp = r->rsp;
	u->context.ip = r->rip;
	u->context.flags = r->eflags;
	u->context.cs = (uint16_t)r->cs;
	u->context.ss = (uint16_t)r->ss;
	u->context.state = state;
	u->mask = f->tracee->mask;
	if (is_restarted(r)) {
		u->context.ax = r->orig_rax;
		u->context.ip -= 2;
	}
}

/* Give the state its mark, and put both together. */
static uint8_t *make_frame(const struct visit *f, uintptr_t state, size_t *size)
{
	const struct tracee *t = f->tracee;
	uint32_t n = state_size(t->xstate, t->xstate_size);
	const uint32_t end = MARK_2;
	struct mark mark = { .magic = MARK_1,
			     .extended_size = n + (uint32_t)sizeof(end),
			     .size = n };
	struct signal_frame frame = { 0 };
	size_t gap = state - f->at;
	uint8_t *bytes;

	*size = gap + n + sizeof(end);
	bytes = xcalloc(*size, 1);
	fill_context(f, &frame, state);
	memcpy(bytes, &frame, sizeof(frame));
	memcpy(bytes + gap, t->xstate, n);
	memcpy(&mark.features, t->xstate + LEGACY, sizeof(mark.features));
	mark.features |= 3; /* x87 and SSE always are there */
	memcpy(bytes + gap + MARK_AT, &mark, sizeof(mark));
	memcpy(bytes + gap + n, &end, sizeof(end));
	return bytes;
}

static int keep(struct visit *f, uintptr_t low, struct err *err)
{
	uintptr_t high = f->tracee->regs.rsp - RED_ZONE;

	f->kept_at = high - low > VISIT_KEPT ? high - VISIT_KEPT : low;
	f->kept_size = high - f->kept_at;
	f->kept = xmalloc(f->kept_size);
	if (tracee_read(f->tracee, f->kept_at, f->kept, f->kept_size))
		return 0;
	return err_set(err, "cannot read its stack");
}

int visit_enter(struct visit *f, uintptr_t low, struct err *err)
{
	struct tracee *t = f->tracee;
	uintptr_t top = t->regs.rsp - RED_ZONE;
	uintptr_t data = (top - VISIT_DATA) & ~(uintptr_t)(ALIGN - 1);
	uintptr_t state = (data - t->xstate_size - sizeof(uint32_t)) &
			  ~(uintptr_t)(ALIGN - 1);
	uint8_t *bytes;
	size_t size;
	int ret;

	if (keep(f, low, err) < 0)
		return -1;
	/* As at the entry of a handler: 8 off a multiple of 16. */
	f->at = ((state - sizeof(struct signal_frame)) & ~15UL) - 8;
	f->data = data;
	bytes = make_frame(f, state, &size);
	ret = tracee_write(t, f->at, bytes, size)
		      ? 0
		      : err_set(err, "cannot write to its stack");
	free(bytes);
	return ret;
}

/*
 * From the top of the stack: where the function returns to, which stores its
 * result; rbx, of which nobody knows; the trampoline of the frame.
 */
static int start(struct visit *f, const struct visit_call *call,
		 struct err *err)
{
	const uint64_t words[2] = { f->store, 0 };
	struct tracee *t = f->tracee;
	struct user_regs_struct regs = t->regs;

	/* The kernel's own way to hold back all that can be but faults. */
	const uint64_t faults = 1ULL << (SIGSEGV - 1) | 1ULL << (SIGBUS - 1) |
				1ULL << (SIGILL - 1) | 1ULL << (SIGFPE - 1) |
				1ULL << (SIGTRAP - 1) | 1ULL << (SIGSYS - 1);

	if (!tracee_write(t, f->at - sizeof(words), words, sizeof(words)))
		return err_set(err, "cannot write to its stack");
	regs.rip = call->function;
	regs.rsp = f->at - sizeof(words);
	regs.rbx = f->data + VISIT_DATA - sizeof(uint64_t);
	regs.rbp = 0;
	regs.rdi = call->argument[0];
	regs.rsi = call->argument[1];
	regs.rdx = call->argument[2];
	regs.rcx = call->argument[3];
	regs.r8 = call->argument[4];
	regs.r9 = call->argument[5];
	regs.rax = 0;
	regs.orig_rax = (uint64_t)-1;
	regs.eflags &= ~(uint64_t)(FLAG_TRAP | FLAG_DIRECTION | FLAG_ALIGN);
	if (!tracee_set(t, &regs))
		return err_errno(err, "cannot set its registers");
	f->entered = true;
	f->at_end = false;
	tracee_mask(t, ~faults | t->mask);
	return 0;
}

static bool has_returned(struct visit *f)
{
	struct user_regs_struct regs;
	const int64_t entry = -ENOSYS; /* the call is yet to be made */

	return tracee_get(f->tracee, &regs) &&
	       visit_system_call(&regs) == SYS_rt_sigreturn &&
	       (int64_t)regs.rax == entry && regs.rsp == f->at + 8;
}

/* Stop it in the midst of a call. False: it does not stop, or has ended. */
static bool interrupt(struct visit *f)
{
	enum tracee_stop stop;

	f->tracee->deadline = tracee_now() + time_to_stop;
	tracee_interrupt(f->tracee);
	while ((stop = tracee_wait(f->tracee)) == TRACEE_SYSCALL) {
		/* Any other stop has used the interruption up. */
		tracee_interrupt(f->tracee);
		if (!tracee_continue(f->tracee))
			return false;
	}
	return stop == TRACEE_INTERRUPTED;
}

static bool waits_for_lock(struct visit *f)
{
	struct user_regs_struct regs;

	return tracee_get(f->tracee, &regs) &&
	       visit_system_call(&regs) == SYS_futex;
}

/*
 * At the deadline: who waits for a lock is taken out. Who is underway (a slow
 * disk) has more time: half of a load is the greater harm. Who does not even
 * stop is left to find back alone. Gives whether it stands.
 */
static int be_late(struct visit *f, bool *patient, struct err *err)
{
	const uint64_t extra = 25000000000;
	bool stands = interrupt(f);

	f->lost = !stands && !f->tracee->ended;
	if (*patient || !stands || waits_for_lock(f))
		return err_set(err, "the call into it did not return");
	*patient = true;
	f->tracee->deadline = tracee_now() + extra;
	return 0;
}

static int wait_for_return(struct visit *f, struct err *err)
{
	bool patient = false;

	while (tracee_continue(f->tracee)) {
		switch (tracee_wait(f->tracee)) {
		case TRACEE_SYSCALL:
			f->at_end = has_returned(f);
			break;
		case TRACEE_INTERRUPTED:
			break;
		case TRACEE_FAULT:
			return err_set(err, "the call into it crashed");
		case TRACEE_LATE:
			if (be_late(f, &patient, err) < 0)
				return -1;
			break;
		case TRACEE_ENDED:
			return err_set(err, "the program has ended");
		}
		if (f->at_end)
			return 0;
	}
	return err_set(err, "the program has ended");
}

int visit_call(struct visit *f, const struct visit_call *call, uint64_t *result,
	       struct err *err)
{
	if (start(f, call, err) < 0 || wait_for_return(f, err) < 0)
		return -1;
	if (result &&
	    !tracee_read(f->tracee, f->data + VISIT_DATA - sizeof(*result),
			 result, sizeof(*result)))
		return err_set(err, "cannot read its stack");
	return 0;
}

/*
 * From the system call at the end of a call to a stop like the first one, in
 * which an interrupted system call is resumed. The registers are those of the
 * trampoline, about to begin: so the way back stays open.
 */
static void skip_return(struct visit *f)
{
	struct user_regs_struct regs;

	if (!f->at_end || !tracee_get(f->tracee, &regs))
		return;
	regs.rip = f->trampoline;
	regs.orig_rax = (uint64_t)-1;
	tracee_set(f->tracee, &regs);
	tracee_interrupt(f->tracee);
	if (tracee_continue(f->tracee))
		interrupt(f);
}

int visit_leave(struct visit *f, struct err *err)
{
	int ret = 0;

	if (f->lost)
		ret = err_set(err, "thread %d does not stop",
			      (int)f->tracee->tid);
	else if (f->entered && !f->tracee->ended) {
		skip_return(f);
		ret = tracee_write_state(f->tracee, err);
		/* Behind the registers: now nobody needs the frame. */
		if (!ret &&
		    !tracee_write(f->tracee, f->kept_at, f->kept, f->kept_size))
			ret = err_set(err, "cannot restore its stack");
	}
	free(f->kept);
	f->kept = NULL;
	f->entered = false;
	return ret;
}
