/*
 * fuzz_symbols - any bytes at all, taken for a program with its debug
 * information.
 *
 * Addresses in all of the file's first mebibyte are looked up, with the lines
 * of the functions around. libdw is not instrumented, so nothing leads the
 * fuzzer into it: bytes are changed where they are, which leaves sections where
 * they were, and their contents damaged.
 */
#include "tests/fuzz/file.h"

#include <string.h>

#include "analyzer/symbols.h"

enum {
	ADDRESSES = 256,
	STEP = (1 << 20) / ADDRESSES + 3,
};

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most,
			       unsigned int seed);

static volatile size_t sink;

static uint8_t other(const uint8_t *data, size_t size, unsigned int *seed)
{
	switch (rand_r(seed) % 4) {
	case 0:
		return data[(size_t)rand_r(seed) % size];
	case 1:
		return rand_r(seed) % 2 ? 0xff : 0;
	default:
		return (uint8_t)rand_r(seed);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most,
			       unsigned int seed)
{
	size_t part, start;

	(void)size_most;
	if (!size)
		return 0;
	if (rand_r(&seed) % 32 == 0)
		size = (size_t)rand_r(&seed) % size + 1;
	/* Near each other, or anywhere. */
	part = rand_r(&seed) % 2 ? 64 : size;
	start = (size_t)rand_r(&seed) % size;
	for (int i = rand_r(&seed) % 16; i >= 0; i--) {
		size_t at = (start + (size_t)rand_r(&seed) % part) % size;

		data[at] = other(data, size, &seed);
	}
	return size;
}

static void touch(const char *text)
{
	sink += text ? strlen(text) : 0;
}

static void look_up(struct symbols *s, uint64_t addr)
{
	struct symbol out[SYMBOLS_DEPTH];
	size_t count = symbols_at(s, 0, addr, out);
	uint32_t lines[2];

	if (!count || count > SYMBOLS_DEPTH)
		abort();
	for (size_t i = 0; i < count; i++) {
		touch(out[i].name.full);
		touch(out[i].name.plain);
		touch(out[i].linkage);
		touch(out[i].file);
		if (symbols_extent(s, 0, addr, i, lines) && lines[0] > lines[1])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FILE_PATH];
	int fd = file_make(data, size, path);
	struct model_module module = { .path = path };
	struct arena arena;
	struct names names;
	struct symbols_options o = {
		.modules = &module, .count = 1, .arena = &arena, .names = &names
	};
	struct symbols *s;

	arena_init(&arena);
	names_init(&names, &arena);
	s = symbols_open(&o);
	for (uint64_t i = 0; i < ADDRESSES; i++)
		look_up(s, i * STEP);
	symbols_close(s);
	names_release(&names);
	arena_release(&arena);
	close(fd);
	return 0;
}
