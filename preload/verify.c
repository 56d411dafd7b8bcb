/*
 * verify - see verify.h.
 *
 * Equal means: address by address as far as both go, and none ends earlier
 * than the other, except that libunwind may end where ours went on by frame
 * pointer, in code that has no unwind information.
 */
#include "preload/verify.h"
#include "preload/memory.h"
#include "preload/record.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

enum {
	DEPTH = 512, /* frames compared */
	REPORTS = 8, /* differences described in the trace */
};

static verify_oracle *oracle;

void verify_start(void)
{
	const char *own = "libmemprof-agent.so",
		   *other = "libmemprof-oracle.so";
	static char path[4096];
	struct dl_find_object found;
	void *handle;
	size_t size;

	if (!agent.ring->header.verify || _dl_find_object(&agent, &found) != 0)
		return;
	size = strlen(found.dlfo_link_map->l_name);
	if (size < strlen(own) || size >= sizeof(path) - strlen(other))
		return;
	strcpy(path, found.dlfo_link_map->l_name);
	strcpy(path + size - strlen(own), other);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return;
	oracle = (verify_oracle *)dlsym(handle, "memprof_oracle");
	agent.verify = oracle ? agent.ring->header.verify : 0;
	/* What loading it allocated is none of the program's. */
	atomic_store_explicit(&guard.thread->slot->reentrant, 0,
			      memory_order_relaxed);
}

static const struct frame *captured(const struct thread *t,
				    const struct capture *c, uint32_t i)
{
	if (i < c->fresh)
		return stack_frame(t->fresh, i);
	return stack_frame(t->stack, c->keep - 1 - (i - c->fresh));
}

static uintptr_t captured_pc(const struct thread *t, const struct capture *c,
			     uint32_t i)
{
	return captured(t, c, i)->pc;
}

/*
 * The part of a stack that is in use, from the innermost frame on it; below,
 * nothing may be mapped.
 */
static struct extent used_part(const struct thread *t, const struct capture *c,
			       struct extent stack)
{
	uint32_t depth = c->keep + c->fresh;

	for (uint32_t i = 0; i < depth; i++) {
		uintptr_t sp = captured(t, c, i)->sp;

		if (sp > stack.low && sp < stack.high)
			return (struct extent){ sp - 8, stack.high };
	}
	return (struct extent){ 0, 0 };
}

/* The depth of the first difference, or -1. */
static int32_t first_difference(const struct thread *t, const struct capture *c,
				const uintptr_t *pc, size_t count)
{
	uint32_t depth = c->keep + c->fresh;

	for (uint32_t i = 0; i < depth && i < DEPTH; i++) {
		uintptr_t ours = captured_pc(t, c, i);

		if (ours == RING_FRAME_CUT)
			return -1;
		if (ours == RING_FRAME_NO_INFO || ours & RING_FRAME_GUESSED)
			return -1;
		if (i >= count || (ours & RING_FRAME_PC) != pc[i])
			return (int32_t)i;
	}
	return count > depth ? (int32_t)depth : -1;
}

static char *put_hex(char *at, const char *label, uintptr_t value)
{
	at = stpcpy(at, label);
	for (int shift = 60; shift >= 0; shift -= 4)
		*at++ = "0123456789abcdef"[value >> shift & 15];
	return at;
}

static void report(struct thread *t, const struct capture *c, uint32_t at,
		   const uintptr_t *pc, size_t count)
{
	char text[256];
	char *end = text;
	uint32_t depth = c->keep + c->fresh;

	end = put_hex(end, "unwound otherwise at depth ", at);
	end = put_hex(end, ": ours ", at < depth ? captured_pc(t, c, at) : 0);
	end = put_hex(end, ", libunwind's ", at < count ? pc[at] : 0);
	end = put_hex(end, ", inside ", at ? captured_pc(t, c, at - 1) : 0);
	record_payload(t, RING_NOTE, RING_NOTE_LIMIT, text,
		       (size_t)(end - text));
}

void verify_capture(struct thread *t, const struct capture *c,
		    const struct registers *caller)
{
	static uintptr_t pc[DEPTH];
	static _Atomic uint32_t busy;
	const struct extent stacks[2] = {
		used_part(t, c, memory_stack_of(t, caller->sp)),
		used_part(t, c, t->own),
	};
	uint32_t process = atomic_load_explicit(&agent.local->process,
						memory_order_relaxed);
	struct ring_process *slot = &agent.ring->process[process - 1];
	size_t count;
	int32_t at;

	if (++t->captures < agent.verify || !stacks[0].high)
		return;
	t->captures = 0;
	/* Acquire and release: one thread at a time has the array. */
	if (atomic_exchange_explicit(&busy, 1, memory_order_acquire))
		return;
	count = oracle(caller, stacks, pc, DEPTH);
	at = first_difference(t, c, pc, count);
	atomic_fetch_add_explicit(&slot->checks, 1, memory_order_relaxed);
	if (at >= 0 &&
	    atomic_fetch_add_explicit(&slot->check_failures, 1,
				      memory_order_relaxed) < REPORTS)
		report(t, c, (uint32_t)at, pc, count);
	atomic_store_explicit(&busy, 0, memory_order_release);
}
