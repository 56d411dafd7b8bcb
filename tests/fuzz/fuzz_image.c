/*
 * fuzz_image - any bytes at all, taken for a module in another process.
 *
 * They lie in three mappings of one file, whose lengths the input says. What is
 * read of them is copied between two pages that nobody may touch, because a
 * copy is mapped, where AddressSanitizer sees nothing.
 */
#include "tests/fuzz/file.h"

#include <string.h>

static void *map_guarded(void *at, size_t size, int protection, int flags,
			 int fd, off_t offset);
static int unmap_guarded(void *addr, size_t size);

#define mmap map_guarded
#define munmap unmap_guarded
#include "inject/image.c"
#undef mmap
#undef munmap

enum {
	PAGE = 4096,
	MAPPINGS = 3,
	BASE = 1 << 20, /* where the module starts, there */
};

static void *map_guarded(void *at, size_t size, int protection, int flags,
			 int fd, off_t offset)
{
	uint8_t *all;

	size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
	all = mmap(at, size + 2 * PAGE, PROT_NONE, flags, fd, offset);
	if (all == MAP_FAILED || mprotect(all + PAGE, size, protection) < 0)
		abort();
	return all + PAGE;
}

static int unmap_guarded(void *addr, size_t size)
{
	size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
	return munmap((uint8_t *)addr - PAGE, size + 2 * PAGE);
}

/* Pages of each mapping are the first bytes of the input. */
static struct maps make_maps(struct map *list, const uint8_t *data)
{
	uintptr_t low = BASE;
	uint64_t offset = 0;

	for (size_t i = 0; i < MAPPINGS; i++) {
		uint64_t size = (data[i] % 8 + 1UL) * PAGE;

		list[i] = (struct map){ .low = low,
					.high = low + size,
					.offset = offset,
					.inode = 1,
					.flags = "r-xp",
					.path = "/lib/libc.so.6" };
		low += size;
		offset += size;
	}
	return (struct maps){ .list = list, .count = MAPPINGS };
}

static volatile size_t sink;

static void ask(struct image *image)
{
	size_t step = (image->end - image->start) / 64 + 1;

	sink += image_symbol(image, "malloc");
	sink += image_bytes(image, "\x0f\x05", 2);
	for (uintptr_t pc = image->start; pc < image->end; pc += step) {
		sink += image_rule(image, pc).kind;
		sink += strlen(image_function(image, pc));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct map list[MAPPINGS];
	struct image image;
	struct maps maps;
	char path[FILE_PATH];
	int fd;

	if (size < MAPPINGS)
		return -1;
	maps = make_maps(list, data);
	/* At its address in the file that stands for a memory. */
	fd = file_make(NULL, 0, path);
	if (pwrite(fd, data + MAPPINGS, size - MAPPINGS, BASE) < 0)
		abort();
	if (image_open(&image, &maps, &list[data[0] % MAPPINGS], fd)) {
		ask(&image);
		image_close(&image);
	}
	close(fd);
	return 0;
}
