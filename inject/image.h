/*
 * image - a module of another process, as it lies in its memory.
 *
 * Read from the memory and not from a file: that may be gone, replaced, or in
 * another mount namespace. Copies of its segments are made as they are asked
 * for, at the same distances as there, so that what is relative to an address
 * is so in the copy. No byte is believed.
 */
#ifndef MEMPROF_INJECT_IMAGE_H
#define MEMPROF_INJECT_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inject/maps.h"
#include "preload/rule.h"

struct image {
	uintptr_t start, end; /* there */
	uint64_t inode; /* of its file */
	uintptr_t bias; /* address there minus address in the file */
	uint8_t *copy; /* of start, here; owned */
	int memory; /* /proc/PID/mem, borrowed */
	Elf64_Phdr *headers; /* owned */
	size_t header_count;
	bool *copied; /* one a header, owned */
	struct module module; /* for unwinding, with addresses of the copy */
};

/* The module that `map` is a part of. False: it is none, or can not be read. */
bool image_open(struct image *image, const struct maps *maps,
		const struct map *map, int memory);
void image_close(struct image *image);

/* The address there of an exported function, 0 none. */
uintptr_t image_symbol(struct image *image, const char *name);

/* The name of the exported function that holds `addr`, "" none. */
const char *image_function(struct image *image, uintptr_t addr);

/* Where these bytes lie in its code, 0 nowhere. */
uintptr_t image_bytes(struct image *image, const void *bytes, size_t size);

/* How to step outwards from code at `pc`: see preload/rule.h. */
struct rule image_rule(struct image *image, uintptr_t pc);

#endif
