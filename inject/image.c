/*
 * image - see image.h.
 */
#include "inject/image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/xmalloc.h"

enum {
	HEADERS_MAX = 64,
	DYNAMIC_MAX = 1024,
	SYMBOLS_MAX = 1 << 22,
};

static const uintptr_t size_max = 4UL << 30; /* of a module */

static bool read_there(const struct image *image, uintptr_t addr, void *data,
		       size_t size)
{
	return pread(image->memory, data, size, (off_t)addr) == (ssize_t)size;
}

static bool is_same_file(const struct map *a, const struct map *b)
{
	return a->inode == b->inode && a->major == b->major &&
	       a->minor == b->minor && !strcmp(a->path, b->path);
}

/* From its mapping of offset 0 to the last of the same file behind it. */
static bool find_bounds(struct image *image, const struct maps *maps,
			const struct map *map)
{
	const struct map *at = map, *last = map;

	if (!map->path[0])
		return false;
	while (at->offset && at > maps->list && is_same_file(at - 1, map))
		at--;
	image->start = at->low;
	image->inode = map->inode;
	while (last + 1 < maps->list + maps->count &&
	       is_same_file(last + 1, map) && last[1].offset)
		last++;
	image->end = last->high;
	return !at->offset && image->end - image->start < size_max;
}

static bool read_headers(struct image *image)
{
	Elf64_Ehdr elf;
	size_t size;

	if (!read_there(image, image->start, &elf, sizeof(elf)) ||
	    memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf.e_phentsize != sizeof(Elf64_Phdr) ||
	    elf.e_phnum > HEADERS_MAX ||
	    elf.e_phoff > image->end - image->start)
		return false;
	image->header_count = elf.e_phnum;
	size = elf.e_phnum * sizeof(Elf64_Phdr);
	image->headers = xmalloc(size + 1);
	image->copied = xcalloc(elf.e_phnum + 1UL, sizeof(bool));
	if (!read_there(image, image->start + elf.e_phoff, image->headers,
			size))
		return false;
	for (size_t i = 0; i < elf.e_phnum; i++) {
		const Elf64_Phdr *h = &image->headers[i];

		if (h->p_type == PT_LOAD && !h->p_offset) {
			image->bias = image->start - (h->p_vaddr & ~4095UL);
			return true;
		}
	}
	return false;
}

/* The segment that holds `addr`, if it lies within the module. */
static size_t segment_of(const struct image *image, uintptr_t addr)
{
	for (size_t i = 0; i < image->header_count; i++) {
		const Elf64_Phdr *h = &image->headers[i];
		uintptr_t start = image->bias + h->p_vaddr;

		if (h->p_type == PT_LOAD && addr - start < h->p_filesz &&
		    start >= image->start && start < image->end &&
		    h->p_filesz <= image->end - start)
			return i;
	}
	return image->header_count;
}

/*
 * `size` bytes of the segment that holds `addr`, here; 0: all that follow in
 * it, whose number *left gives. NULL: they are not there.
 */
static uint8_t *here(struct image *image, uintptr_t addr, size_t size,
		     size_t *left)
{
	size_t n = segment_of(image, addr), rest;
	const Elf64_Phdr *h = &image->headers[n];
	uintptr_t start;

	if (n == image->header_count)
		return NULL;
	start = image->bias + h->p_vaddr;
	rest = h->p_filesz - (addr - start);
	if (size > rest)
		return NULL;
	if (!image->copied[n] &&
	    !read_there(image, start, image->copy + (start - image->start),
			h->p_filesz))
		return NULL;
	image->copied[n] = true;
	if (left)
		*left = rest;
	return image->copy + (addr - image->start);
}

/* What the unwinder reads, moved to where the copy is. */
static void find_table(struct image *image)
{
	uintptr_t here_low = (uintptr_t)image->copy;

	image->module = (struct module){
		.start = here_low,
		.end = here_low + (image->end - image->start),
		.bias = image->bias - image->start + here_low,
	};
	for (size_t i = 0; i < image->header_count; i++) {
		const Elf64_Phdr *h = &image->headers[i];
		uintptr_t table = image->bias + h->p_vaddr;
		uint8_t *copy;
		size_t n;

		if (h->p_type != PT_GNU_EH_FRAME)
			continue;
		copy = here(image, table, h->p_filesz, NULL);
		n = segment_of(image, table);
		if (!copy || n == image->header_count)
			return;
		image->module.table = (uintptr_t)copy;
		image->module.low =
			image->module.bias + image->headers[n].p_vaddr;
		image->module.high =
			image->module.low + image->headers[n].p_filesz;
	}
}

bool image_open(struct image *image, const struct maps *maps,
		const struct map *map, int memory)
{
	void *copy;

	*image = (struct image){ .memory = memory };
	if (!find_bounds(image, maps, map) || !read_headers(image)) {
		image_close(image);
		return false;
	}
	copy = mmap(NULL, image->end - image->start, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (copy == MAP_FAILED) {
		image_close(image);
		return false;
	}
	image->copy = copy;
	find_table(image);
	return true;
}

void image_close(struct image *image)
{
	if (image->copy)
		munmap(image->copy, image->end - image->start);
	free(image->headers);
	free(image->copied);
	*image = (struct image){ 0 };
}

struct rule image_rule(struct image *image, uintptr_t pc)
{
	return rule_from_cfi(&image->module,
			     pc - image->start + (uintptr_t)image->copy);
}

/* The loader adds the bias to these in the memory of most modules. */
static uintptr_t relocated(const struct image *image, uintptr_t value)
{
	return value < image->start ? value + image->bias : value;
}

struct symbols {
	const Elf64_Sym *list;
	size_t count;
	const char *names;
	size_t names_size;
};

/* Symbols end where their names begin, in what every linker makes. */
static bool find_symbols(struct image *image, struct symbols *s)
{
	uintptr_t symbols = 0, names = 0;
	const Elf64_Dyn *entry = NULL;
	size_t count = 0, left;

	for (size_t i = 0; i < image->header_count; i++) {
		const Elf64_Phdr *h = &image->headers[i];

		if (h->p_type != PT_DYNAMIC || h->p_vaddr % sizeof(uint64_t))
			continue;
		entry = (void *)here(image, image->bias + h->p_vaddr,
				     h->p_filesz, NULL);
		count = h->p_filesz / sizeof(*entry);
	}
	for (size_t i = 0; entry && i < count && i < DYNAMIC_MAX; i++) {
		if (entry[i].d_tag == DT_SYMTAB)
			symbols = relocated(image, entry[i].d_un.d_ptr);
		if (entry[i].d_tag == DT_STRTAB)
			names = relocated(image, entry[i].d_un.d_ptr);
		if (entry[i].d_tag == DT_STRSZ)
			s->names_size = entry[i].d_un.d_val;
	}
	s->list = (void *)here(image, symbols, 0, &left);
	s->names = (void *)here(image, names, s->names_size, NULL);
	if (!s->list || !s->names || !s->names_size ||
	    s->names[s->names_size - 1] || symbols % sizeof(uint64_t))
		return false;
	if (names > symbols && names - symbols < left)
		left = names - symbols;
	s->count = left / sizeof(*s->list);
	return s->count < SYMBOLS_MAX;
}

static bool is_function(const struct symbols *s, const Elf64_Sym *symbol)
{
	return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
	       symbol->st_shndx != SHN_UNDEF && symbol->st_name < s->names_size;
}

uintptr_t image_symbol(struct image *image, const char *name)
{
	struct symbols s = { 0 };

	if (!find_symbols(image, &s))
		return 0;
	for (size_t i = 0; i < s.count; i++) {
		if (is_function(&s, &s.list[i]) &&
		    !strcmp(s.names + s.list[i].st_name, name))
			return image->bias + s.list[i].st_value;
	}
	return 0;
}

const char *image_function(struct image *image, uintptr_t addr)
{
	struct symbols s = { 0 };

	if (!find_symbols(image, &s))
		return "";
	for (size_t i = 0; i < s.count; i++) {
		if (is_function(&s, &s.list[i]) &&
		    addr - image->bias - s.list[i].st_value < s.list[i].st_size)
			return s.names + s.list[i].st_name;
	}
	return "";
}

uintptr_t image_bytes(struct image *image, const void *bytes, size_t size)
{
	for (size_t i = 0; i < image->header_count; i++) {
		const Elf64_Phdr *h = &image->headers[i];
		const uint8_t *code, *found;

		if (h->p_type != PT_LOAD || !(h->p_flags & PF_X))
			continue;
		code = here(image, image->bias + h->p_vaddr, h->p_filesz, NULL);
		found = code ? memmem(code, h->p_filesz, bytes, size) : NULL;
		if (found)
			return image->start + (uintptr_t)(found - image->copy);
	}
	return 0;
}
