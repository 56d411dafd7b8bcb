/*
 * copier - see copier.h.
 */
#include "inject/copier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "inject/safe.h"
#include "inject/target.h"
#include "inject/tracee.h"
#include "inject/visit_x86_64.h"
#include "trace/attach.h"
#include "trace/xmalloc.h"

enum {
	ORDER_AT = 2048, /* in the data of a visit */
};

/* ns: the kernel copies page tables, 100 ms for each GiB in use. */
static const uint64_t time_box = 20000000000;

struct copier {
	struct target target;
	struct safe safe; /* for its images */
	struct visit visit;
	struct tracee tracee;
	uintptr_t function;
};

static int find(struct copier *c, struct err *err)
{
	const struct maps *maps = &c->target.maps;
	const struct map *code = maps_code(maps, "libc.so.6");
	const struct map *there = target_agent(&c->target);
	struct image *image;

	if (!code)
		code = maps_code(maps, "libc-2.");
	c->safe.maps = maps;
	c->safe.memory = c->target.memory;
	image = code ? safe_image(&c->safe, code->low) : NULL;
	if (!image || !visit_find(&c->visit, image))
		return err_set(err, "its C library is not known");
	image = there ? safe_image(&c->safe, there->low) : NULL;
	c->function = image ? image_symbol(image, "memprof_copy") : 0;
	if (!c->function)
		return err_set(err, "its agent can not be found");
	return 0;
}

static void copier_close(void *copier)
{
	struct copier *c = copier;

	if (!c)
		return;
	safe_release(&c->safe);
	target_close(&c->target);
	free(c->tracee.xstate);
	free(c);
}

static void *copier_open(int32_t pid, struct err *err)
{
	struct copier *c = xcalloc(1, sizeof(*c));

	c->visit.tracee = &c->tracee;
	if (target_open(&c->target, pid, err) < 0) {
		free(c);
		return NULL;
	}
	if (!c->target.sandboxed && !find(c, err))
		return c;
	if (c->target.sandboxed)
		err_set(err, "it runs in a sandbox (seccomp)");
	copier_close(c);
	return NULL;
}

/* Takes over a thread that has been stopped. Can the call be made in it? */
static bool take(struct copier *c, const struct freeze_thread *f,
		 uintptr_t *low)
{
	struct tracee *t = &c->tracee;
	const struct map *stack;
	struct err ignored;

	t->pid = c->target.pid;
	t->tid = f->tid;
	t->memory = c->target.memory;
	t->signal = f->signal;
	t->ended = false;
	t->deadline = tracee_now() + time_box;
	if (f->state != FREEZE_STOPPED ||
	    ptrace(PTRACE_SETOPTIONS, t->tid, NULL, PTRACE_O_TRACESYSGOOD) <
		    0 ||
	    tracee_read_state(t, &ignored) < 0 || tracee_is_restartable(t))
		return false;
	stack = maps_at(&c->target.maps, t->regs.rsp);
	if (!stack || stack->flags[1] != 'w')
		return false;
	*low = stack->low;
	return visit_has_room(t, stack->low, stack->high,
			      !strcmp(stack->path, "[stack]"));
}

static int order(struct copier *c, struct attach_copy *copy, struct err *err)
{
	uintptr_t at = c->visit.data + ORDER_AT;
	const struct visit_call call = { .function = c->function,
					 .argument = { at } };

	if (!tracee_write(&c->tracee, at, copy, sizeof(*copy)))
		return err_set(err, "cannot write to its stack");
	if (visit_call(&c->visit, &call, NULL, err) < 0)
		return -1;
	if (!tracee_read(&c->tracee, at, copy, sizeof(*copy)))
		return err_set(err, "cannot read its stack");
	return 0;
}

static int explain(const struct attach_copy *copy, struct err *err)
{
	if (copy->answer == ATTACH_DONE && copy->pid > 0)
		return copy->pid;
	if (copy->answer != ATTACH_DONE)
		return err_set(err, "its agent makes no copy of it");
	errno = copy->error;
	return err_errno(err, "no copy of it could be made");
}

static int visit(struct copier *c, struct freeze_thread *f, uintptr_t low,
		 struct err *err)
{
	struct attach_copy copy = { .version = ATTACH_VERSION };
	struct err failed;
	int ret = visit_enter(&c->visit, low, err);

	if (!ret)
		ret = order(c, &copy, err);
	if (visit_leave(&c->visit, &failed) < 0 && !ret) {
		*err = failed;
		ret = -1;
	}
	f->signal = c->tracee.signal;
	return ret ? ret : explain(&copy, err);
}

static int copier_make(void *copier, struct freeze *f, struct err *err)
{
	struct copier *c = copier;
	uintptr_t low;

	if (target_look(&c->target, err) < 0)
		return -1;
	for (size_t i = 0; i < f->count; i++)
		if (take(c, &f->list[i], &low))
			return visit(c, &f->list[i], low, err);
	return err_set(err, "no thread of it has room on its stack");
}

const struct way copier_way = {
	.open = copier_open,
	.make = copier_make,
	.close = copier_close,
};
