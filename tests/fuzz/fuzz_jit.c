/*
 * fuzz_jit - any text at all, taken for a perf-PID.map.
 *
 * What is named must have been asked for, and the name must come from the file.
 */
#include "tests/fuzz/file.h"

#include "analyzer/jit.c"

enum {
	ASKED = 32,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *found[ASKED] = { NULL };
	struct asked asked[ASKED];
	struct arena arena;
	struct names names;
	struct jit j = { .names = &names, .found = found };
	char path[FILE_PATH];
	int fd = file_make(data, size, path);
	FILE *file = fdopen(fd, "r");

	arena_init(&arena);
	names_init(&names, &arena);
	for (uint32_t i = 0; i < ASKED; i++)
		asked[i] = (struct asked){
			.addr = i < ASKED / 2 ? i * 3 : UINT64_MAX - ASKED + i,
			.frame = i,
		};
	read_map(&j, asked, ASKED, file);
	for (uint32_t i = 0; i < ASKED; i++)
		if (found[i] && (!*found[i] || strchr(found[i], '\n')))
			abort();
	names_release(&names);
	arena_release(&arena);
	fclose(file);
	return 0;
}
