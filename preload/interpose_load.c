/*
 * interpose_load - libraries that would look past the agent.
 *
 * With RTLD_DEEPBIND a library and what it needs find libc's allocator before
 * they find ours, and with dlmopen() they have a libc of their own. The first
 * flag is left out, which other libraries would have to be named alike to
 * notice; the second can not be helped. Either is noted in the trace.
 *
 * The loader finds out who calls it by the return address: where to search, and
 * in which namespace. So these look at the arguments, and jump.
 */
#include "preload/agent.h"
#include "preload/attach.h"
#include "preload/next.h"
#include "preload/record.h"

#include <dlfcn.h>
#include <string.h>

static void note(const char *text, const char *file)
{
	const struct registers caller = CALLER_REGISTERS();
	const size_t most = 200;
	size_t size = strlen(file);
	char line[320];
	struct thread *t = agent_start() ? record_enter(&caller) : NULL;

	if (!t)
		return;
	strcpy(line, text);
	strcat(line, size > most ? file + size - most : file);
	record_payload(t, RING_NOTE, RING_NOTE_LIMIT, line, strlen(line));
	record_leave();
}

/* `mode` is where the argument will be taken from. */
static __attribute__((used)) void *dlopen_next(const char *file, int *mode)
{
	next_resolve();
	attach_expect_modules();
	/* Who was loaded late stands before a library however it is bound. */
	if (*mode & RTLD_DEEPBIND && !next_is_late() && agent_start()) {
		*mode &= ~RTLD_DEEPBIND;
		note("RTLD_DEEPBIND was left out for ", file ? file : "itself");
	}
	return (void *)(uintptr_t)next.dlopen;
}

static __attribute__((used)) void *dlmopen_next(Lmid_t space, const char *file)
{
	next_resolve();
	if (space != LM_ID_BASE)
		note("not seen, because it has a libc of its own (dlmopen): ",
		     file ? file : "itself");
	return (void *)(uintptr_t)next.dlmopen;
}

/* Keeps the arguments, which `ask` may change where they lie, and jumps. */
#define JUMP(name, ask, second)                                                \
	__asm__(".globl " name "\n"                                            \
		".type " name ", @function\n" name ":\n"                       \
		"	.cfi_startproc\n"                                            \
		"	push %rdi\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %rdx\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	push %rsi\n"                                                 \
		"	.cfi_adjust_cfa_offset 8\n"                                  \
		"	" second "\n"                                          \
		"	call " ask "\n"                                        \
		"	pop %rsi\n"                                                  \
		"	.cfi_adjust_cfa_offset -8\n"                                 \
		"	pop %rdx\n"                                                  \
		"	.cfi_adjust_cfa_offset -8\n"                                 \
		"	pop %rdi\n"                                                  \
		"	.cfi_adjust_cfa_offset -8\n"                                 \
		"	jmp *%rax\n"                                                 \
		"	.cfi_endproc\n"                                              \
		".size " name ", .-" name "\n")

JUMP("dlopen", "dlopen_next", "mov %rsp, %rsi");
JUMP("dlmopen", "dlmopen_next", "");

/* Only of an agent that was loaded late: attach_hooks.c. */
static __attribute__((used)) void *dlsym_next(void)
{
	attach_look();
	return (void *)(uintptr_t)next.dlsym;
}

JUMP("attach_dlsym", "dlsym_next", "");
__asm__(".hidden attach_dlsym");
