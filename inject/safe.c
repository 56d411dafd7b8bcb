/*
 * safe - see safe.h.
 *
 * Code without unwind information (JITs) ends the walk. What is outside of it
 * is then not known, but that it was not interrupted by a signal: the frame
 * of a handler has a word that nothing else has, which is looked for.
 */
#include "inject/safe.h"
#include "inject/visit_x86_64.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	FRAMES_MAX = 4096,
	STACK_MAX = 8 << 20, /* bytes of it that are looked at */
	RED_ZONE = 128,
};

/* Functions of libc that wait, and hold no lock of libc's while they do. */
static const char *const waiting[] = {
	"accept",
	"accept4",
	"clock_nanosleep",
	"connect",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"fcntl",
	"flock",
	"ioctl",
	"msgrcv",
	"nanosleep",
	"pause",
	"poll",
	"ppoll",
	"pread",
	"pread64",
	"preadv",
	"pselect",
	"pthread_barrier_wait",
	"pthread_clockjoin_np",
	"pthread_cond_clockwait",
	"pthread_cond_timedwait",
	"pthread_cond_wait",
	"pthread_join",
	"pthread_mutex_lock",
	"pthread_rwlock_rdlock",
	"pthread_rwlock_wrlock",
	"pthread_timedjoin_np",
	"read",
	"readv",
	"recv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"select",
	"sem_clockwait",
	"sem_timedwait",
	"sem_wait",
	"semop",
	"semtimedop",
	"send",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"sigsuspend",
	"sigtimedwait",
	"sigwait",
	"sigwaitinfo",
	"sleep",
	"syscall",
	"tcdrain",
	"usleep",
	"wait",
	"wait3",
	"wait4",
	"waitid",
	"waitpid",
	"write",
	"writev",
};

struct walk {
	struct safe *safe;
	const struct tracee *tracee;
	uintptr_t low, high; /* what was read of the stack */
	uint8_t *stack; /* owned */
	uintptr_t pc, sp, fp;
	bool exact; /* pc is where it stands, and no return address */
};

struct image *safe_image(struct safe *s, uintptr_t addr)
{
	const struct map *map;

	map = maps_at(s->maps, addr);
	if (!map || map->flags[2] != 'x')
		return NULL;
	for (size_t i = 0; i < s->images; i++) {
		/* Another may lie there since. */
		if (addr >= s->image[i].start && addr < s->image[i].end &&
		    map->inode == s->image[i].inode)
			return &s->image[i];
	}
	if (s->images == SAFE_IMAGES ||
	    !image_open(&s->image[s->images], s->maps, map, s->memory))
		return NULL;
	return &s->image[s->images++];
}

void safe_release(struct safe *s)
{
	for (size_t i = 0; i < s->images; i++)
		image_close(&s->image[i]);
	s->images = 0;
}

static bool is_named(const struct safe *s, uintptr_t pc, const char *name)
{
	const struct map *map = maps_at(s->maps, pc);

	return map && !strncmp(map_name(map), name, strlen(name));
}

/* The C library's parts, which were several once. */
static bool is_libc(const struct safe *s, uintptr_t pc)
{
	return is_named(s, pc, "libc.so") || is_named(s, pc, "libc-2.") ||
	       is_named(s, pc, "libpthread") || is_named(s, pc, "libdl.so") ||
	       is_named(s, pc, "libdl-2.");
}

static bool is_loader(const struct safe *s, uintptr_t pc)
{
	return is_named(s, pc, "ld-linux") || is_named(s, pc, "ld-2.") ||
	       is_named(s, pc, "ld.so");
}

static bool load(const struct walk *w, uintptr_t addr, uintptr_t *value)
{
	if (addr < w->low || addr % sizeof(*value) ||
	    addr > w->high - sizeof(*value))
		return false;
	memcpy(value, w->stack + (addr - w->low), sizeof(*value));
	return true;
}

enum step {
	STEP_TAKEN,
	STEP_END, /* that was the outermost frame */
	STEP_SIGNAL, /* a signal handler's */
	STEP_UNKNOWN,
};

static bool find_cfa(const struct walk *w, struct rule rule, uintptr_t *cfa)
{
	*cfa = (uintptr_t)(intptr_t)rule.cfa_offset;
	*cfa += rule.kind == RULE_SP ? w->sp : w->fp;
	return (rule.kind != RULE_FP_WORD || load(w, *cfa, cfa)) &&
	       *cfa > w->sp;
}

static enum step step(struct walk *w)
{
	struct image *image = safe_image(w->safe, w->pc - !w->exact);
	struct rule rule = { .kind = RULE_GUESS };
	uintptr_t cfa, offset, fp = w->fp;

	if (image)
		rule = image_rule(image, w->pc - !w->exact);
	offset = (uintptr_t)(intptr_t)rule.fp_offset;
	if (rule.kind == RULE_END)
		return STEP_END;
	if (rule.kind == RULE_SIGNAL)
		return STEP_SIGNAL;
	if (rule.kind == RULE_GUESS || !find_cfa(w, rule, &cfa) ||
	    !load(w, cfa - 8, &w->pc))
		return STEP_UNKNOWN;
	if ((rule.fp == RULE_FP_AT_CFA && !load(w, cfa + offset, &fp)) ||
	    (rule.fp == RULE_FP_AT_FP && !load(w, w->fp + offset, &fp)))
		return STEP_UNKNOWN;
	w->fp = fp;
	w->sp = cfa;
	w->exact = false;
	return w->pc ? STEP_TAKEN : STEP_END;
}

/* Does a handler's frame lie anywhere further out? */
static bool has_handler(const struct walk *w)
{
	uintptr_t word;

	for (uintptr_t at = (w->sp + 7) & ~7UL; load(w, at, &word); at += 8) {
		if (word == w->safe->trampoline)
			return true;
	}
	return false;
}

static bool is_in(const char *name, const char *const *list, size_t count)
{
	while (*name == '_')
		name++;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(name, list[i]))
			return true;
	}
	return false;
}

/* It waits in a system call, made for the function at `pc` of libc. */
static const char *judge_wait(const struct walk *w, uintptr_t pc)
{
	const struct user_regs_struct *regs = &w->tracee->regs;
	const uint8_t call[] = { 0x0f, 0x05 };
	struct image *image = safe_image(w->safe, pc);
	uint8_t code[sizeof(call)];

	if (visit_system_call(regs) < 0 ||
	    !tracee_read(w->tracee, regs->rip - sizeof(code), code,
			 sizeof(code)) ||
	    memcmp(code, call, sizeof(call)) != 0)
		return "it is busy in the C library";
	if (!image || !is_in(image_function(image, pc), waiting,
			     sizeof(waiting) / sizeof(*waiting)))
		return "it is in the C library, which may hold a lock";
	return NULL;
}

/*
 * Frames of libc further out than the program's own are those that began the
 * thread, when no more than _start() is outside of them.
 */
static const char *judge_outside(struct walk *w)
{
	const char *called_back = "the C library has called it back";
	enum step taken = STEP_TAKEN;
	int beyond = 0;

	for (int i = 0; i < FRAMES_MAX && taken == STEP_TAKEN; i++) {
		if (is_loader(w->safe, w->pc))
			return "the loader has called it";
		if (!is_libc(w->safe, w->pc))
			beyond += beyond > 0;
		else if (beyond < 2)
			beyond = 1;
		else
			return called_back;
		if (beyond > 2)
			return called_back;
		taken = step(w);
	}
	if (taken == STEP_SIGNAL)
		return "it is in a signal handler";
	if (taken == STEP_UNKNOWN)
		return has_handler(w) ? "it is in a signal handler" : NULL;
	return taken == STEP_END ? NULL : "its stack is too deep to be sure";
}

static const char *judge(struct walk *w)
{
	uintptr_t entered = 0;
	const char *why;

	/* The innermost frames that are libc's. */
	while (is_libc(w->safe, w->pc)) {
		entered = w->pc - !w->exact;
		if (step(w) != STEP_TAKEN)
			return "its stack can not be followed";
	}
	if (is_loader(w->safe, w->pc) || is_named(w->safe, w->pc, "[v"))
		return "it is in the loader";
	why = entered ? judge_wait(w, entered) : NULL;
	return why ? why : judge_outside(w);
}

static const char *judge_registers(const struct tracee *t)
{
	const uint64_t user_code = 0x33;

	if (t->regs.cs != user_code)
		return "it runs 32-bit code";
	if (tracee_is_restartable(t))
		return "it is in a restartable sequence";
	return NULL;
}

const char *safe_verdict(struct safe *s, const struct tracee *t, uintptr_t *low)
{
	const struct map *map = maps_at(s->maps, t->regs.rsp);
	struct walk w = { .safe = s,
			  .tracee = t,
			  .pc = t->regs.rip,
			  .sp = t->regs.rsp,
			  .fp = t->regs.rbp,
			  .exact = true };
	const char *why = judge_registers(t);

	if (why)
		return why;
	if (!map || map->flags[1] != 'w' ||
	    !visit_has_room(t, map->low, map->high,
			    !strcmp(map->path, "[stack]")))
		return "it is on a small stack, or not on its own";
	*low = map->low;
	w.low = (w.sp - RED_ZONE) & ~7UL;
	w.high = map->high - w.low > STACK_MAX ? w.low + STACK_MAX : map->high;
	w.stack = xmalloc(w.high - w.low);
	why = tracee_read(t, w.low, w.stack, w.high - w.low)
		      ? judge(&w)
		      : "its stack can not be read";
	free(w.stack);
	return why;
}
