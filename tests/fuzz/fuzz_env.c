/*
 * fuzz_env - any environment at all, from which the agent takes its variables
 * and into which it puts them back.
 *
 * The input is the strings; they lie where the kernel puts them, behind the
 * arguments, each in memory of its own.
 */
#include "tests/fuzz/file.h"

#include <string.h>

#define __libc_stack_end stack_end_declared
#include "preload/env.c"
#undef __libc_stack_end

/* What env.c declares are these. */
void *stack_end_declared;
struct agent agent = { .parent = UINT32_MAX, .parent_serial = UINT32_MAX };

enum {
	STRINGS_MAX = 64,
	ARGUMENTS = 1,
	/* The count, the arguments, a NULL, the strings, a NULL, the vector. */
	ROOM = 1 + ARGUMENTS + 1 + STRINGS_MAX + 1 + 4,
};

static size_t split(const uint8_t *data, size_t size, char **list)
{
	size_t count = 0;

	while (size && count < STRINGS_MAX) {
		size_t length = strnlen((const char *)data, size);

		list[count++] = strndup((const char *)data, length);
		length += length < size;
		data += length;
		size -= length;
	}
	return count;
}

/* What goes into the environment of a child comes out of it again. */
static void give(char **envp)
{
	char **list = calloc(env_room(envp), sizeof(*list));
	char *text = malloc(env_text_size(envp));
	char *const *given = env_give(envp, list, text);

	if (given != envp && (!find(list, RING) || !find(list, PRELOAD)))
		abort();
	free(list);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *strings[STRINGS_MAX];
	void *stack[ROOM] = { (void *)(uintptr_t)ARGUMENTS, "program" };
	const Elf64_auxv_t vector[] = {
		{ AT_EXECFN, { (uintptr_t) "program" } },
		{ AT_NULL, { 0 } },
	};
	size_t count = split(data, size, strings);
	char **envp = (char **)&stack[1 + ARGUMENTS + 1];
	struct env_ring ring;

	memset(&own, 0, sizeof(own));
	memcpy(envp, strings, count * sizeof(*strings));
	memcpy(envp + count + 1, vector, sizeof(vector));
	stack_end_declared = stack;
	env_take(&ring);
	if (strcmp(env_program(), "program") != 0)
		abort();
	give(envp);
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	return 0;
}
