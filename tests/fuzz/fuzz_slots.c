/*
 * fuzz_slots - any bytes at all, taken for a module whose tables the agent goes
 * through to attach and to detach.
 *
 * The loader's word is true: the module is mapped where it says, as one
 * segment. All that lies in it may lie.
 */
#include "tests/fuzz/file.h"

#include "preload/attach_slots.c"

enum {
	ROOM = 64 << 10,
	HEADERS = 3,
	NUMBERS = 4, /* bytes at the start that place the other headers */
};

const struct attach_hook *attach_hook_find(const char *name)
{
	static const struct attach_hook hook = {
		.name = "malloc",
		.wrapper = 0x4141414141414141,
		.original = 0x4242424242424242,
	};

	return !strcmp(name, hook.name) ? &hook : NULL;
}

static bool always(void)
{
	return true;
}

/* Between pages that nobody may touch. */
static uint8_t *module(void)
{
	static uint8_t *room;

	if (!room) {
		room = mmap(NULL, ROOM + 2 * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (room == MAP_FAILED)
			abort();
		room += PAGE;
	}
	/* Pages that were opened are closed by now. */
	if (mprotect(room, ROOM, PROT_READ | PROT_WRITE) < 0)
		abort();
	memset(room, 0, ROOM);
	return room;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ElfW(Phdr) headers[HEADERS] = {
		{ .p_type = PT_LOAD,
		  .p_flags = PF_R | PF_W | PF_X,
		  .p_filesz = ROOM,
		  .p_memsz = ROOM },
		{ .p_type = PT_DYNAMIC },
		{ .p_type = PT_GNU_RELRO },
	};
	struct dl_phdr_info info = { .dlpi_phdr = headers,
				     .dlpi_phnum = HEADERS };
	uint8_t *room = module();

	if (size < NUMBERS)
		return -1;
	size = size - NUMBERS < ROOM ? size - NUMBERS : ROOM;
	memcpy(room, data + NUMBERS, size);
	info.dlpi_addr = (uintptr_t)room;
	headers[1].p_vaddr = data[0] * 16UL;
	headers[1].p_memsz = data[1] * sizeof(ElfW(Dyn));
	headers[2].p_vaddr = data[2] % 15 * (size_t)PAGE;
	headers[2].p_memsz = data[3] * 16UL;
	for (int in = 1; in >= 0; in--) {
		struct pass pass = { .put_in = in, .wanted = always };

		visit(&info, sizeof(info), &pass);
	}
	return 0;
}
