/*
 * python_symbols - see python_symbols.h.
 *
 * By the table that GNU's hash style makes; a library that has only the old
 * one exports nothing as far as this goes. Formats: gABI, chapter 5; the hash
 * table is described with binutils.
 */
#include "preload/python_symbols.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct tables {
	const uint32_t *hash;
	const ElfW(Sym) * symbols;
	const char *strings;
};

/* The loader has made addresses of these, but of its vdso it has not. */
static const void *address(const struct link_map *map, ElfW(Addr) value)
{
	return (const void *)(value < map->l_addr ? value + map->l_addr
						  : value);
}

static bool find_tables(const struct link_map *map, struct tables *t)
{
	*t = (struct tables){ .hash = NULL };
	if (!map->l_ld)
		return false;
	for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_GNU_HASH)
			t->hash = address(map, d->d_un.d_ptr);
		else if (d->d_tag == DT_SYMTAB)
			t->symbols = address(map, d->d_un.d_ptr);
		else if (d->d_tag == DT_STRTAB)
			t->strings = address(map, d->d_un.d_ptr);
	}
	return t->hash && t->symbols && t->strings;
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (uint8_t)*name;
	return hash;
}

/* Index of the first symbol that may have the hash; 0 none. */
static uint32_t first_of(const uint32_t *table, uint32_t hash)
{
	const uint32_t bits = 8 * sizeof(ElfW(Addr));
	uint32_t buckets = table[0], words = table[2], shift = table[3];
	const ElfW(Addr) *bloom = (const ElfW(Addr) *)&table[4];
	ElfW(Addr) word;

	if (!buckets || !words)
		return 0;
	word = bloom[hash / bits % words];
	if (!(word >> hash % bits & word >> (hash >> shift) % bits & 1))
		return 0;
	return ((const uint32_t *)&bloom[words])[hash % buckets];
}

void *python_symbols_find(const struct link_map *map, const char *name)
{
	uint32_t hash = hash_of(name), at;
	struct tables t;
	const uint32_t *chain;

	if (!find_tables(map, &t))
		return NULL;
	at = first_of(t.hash, hash);
	if (at < t.hash[1])
		return NULL;
	chain = (const uint32_t *)((const ElfW(Addr) *)&t.hash[4] + t.hash[2]) +
		t.hash[0];
	for (;; at++) {
		uint32_t value = chain[at - t.hash[1]];
		const ElfW(Sym) *symbol = &t.symbols[at];

		if ((value | 1) == (hash | 1) && symbol->st_shndx &&
		    !strcmp(t.strings + symbol->st_name, name))
			return (void *)(map->l_addr + symbol->st_value);
		if (value & 1)
			return NULL;
	}
}
