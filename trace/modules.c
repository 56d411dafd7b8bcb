/*
 * modules - see modules.h.
 */
#include "trace/modules.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static uint64_t hash_of(const struct model_module *m)
{
	return index_mix(index_hash_bytes(m->path, strlen(m->path)),
			 index_hash_bytes(m->build_id, m->build_id_size));
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct modules *all = table;

	return hash_of(&all->list[number]);
}

static bool is_same(const struct model_module *a, const struct model_module *b)
{
	return a->build_id_size == b->build_id_size &&
	       a->is_agent == b->is_agent && !strcmp(a->path, b->path) &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size);
}

uint32_t modules_intern(struct modules *all, const struct model_module *m)
{
	uint64_t hash = hash_of(m);
	struct model_module *new;
	uint32_t id;

	for (size_t at = index_start(&all->index, hash);
	     (id = index_at(&all->index, at)); at = index_next(&all->index, at))
		if (is_same(&all->list[id - 1], m))
			return id - 1;
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	new = &all->list[all->count++];
	*new = *m;
	new->path = xstrdup(m->path);
	new->build_id = (uint8_t *)xmemdup(m->build_id, m->build_id_size);
	index_add(&all->index, (uint32_t)all->count - 1, all, hash_entry);
	return (uint32_t)all->count - 1;
}

void modules_release(struct modules *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free((char *)all->list[i].path);
		free((uint8_t *)all->list[i].build_id);
	}
	free(all->list);
	index_release(&all->index);
	*all = (struct modules){ 0 };
}
