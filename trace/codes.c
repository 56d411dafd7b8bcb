/*
 * codes - see codes.h.
 */
#include "trace/codes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static uint64_t hash_text(const char *s)
{
	return index_hash_bytes(s, strlen(s));
}

static uint64_t hash_of(const struct model_code *c)
{
	uint64_t names = index_mix(hash_text(c->file), hash_text(c->qualified));

	return index_mix(index_mix(names, hash_text(c->name)) + c->first_line,
			 index_hash_bytes(c->lines, c->lines_size));
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct codes *all = table;

	return hash_of(&all->list[number]);
}

static bool is_same(const struct model_code *a, const struct model_code *b)
{
	return a->first_line == b->first_line && a->form == b->form &&
	       a->lines_size == b->lines_size && !strcmp(a->file, b->file) &&
	       !strcmp(a->name, b->name) &&
	       !strcmp(a->qualified, b->qualified) &&
	       !memcmp(a->lines, b->lines, a->lines_size);
}

uint32_t codes_intern(struct codes *all, const struct model_code *c)
{
	uint64_t hash = hash_of(c);
	struct model_code *new;
	uint32_t id;

	for (size_t at = index_start(&all->index, hash);
	     (id = index_at(&all->index, at)); at = index_next(&all->index, at))
		if (is_same(&all->list[id - 1], c))
			return id - 1;
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	new = &all->list[all->count++];
	*new = *c;
	new->file = xstrdup(c->file);
	new->name = xstrdup(c->name);
	new->qualified = xstrdup(c->qualified);
	new->lines = (uint8_t *)xmemdup(c->lines, c->lines_size);
	index_add(&all->index, (uint32_t)all->count - 1, all, hash_entry);
	return (uint32_t)all->count - 1;
}

void codes_release(struct codes *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free((char *)all->list[i].file);
		free((char *)all->list[i].name);
		free((char *)all->list[i].qualified);
		free((uint8_t *)all->list[i].lines);
	}
	free(all->list);
	index_release(&all->index);
	*all = (struct codes){ 0 };
}
