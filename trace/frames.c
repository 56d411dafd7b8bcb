/*
 * frames - see frames.h.
 */
#include "trace/frames.h"

#include <stdbool.h>
#include <stdlib.h>

#include "trace/xmalloc.h"

static uint64_t hash_of(const struct model_frame *f)
{
	return index_mix(f->addr, (uint64_t)f->module << 32 |
					  (uint64_t)f->kind << 8 | f->flags);
}

static uint64_t hash_entry(const void *table, uint32_t number)
{
	const struct frames *all = table;

	return hash_of(&all->list[number]);
}

static bool is_same(const struct model_frame *a, const struct model_frame *b)
{
	return a->addr == b->addr && a->module == b->module &&
	       a->kind == b->kind && a->flags == b->flags;
}

void frames_init(struct frames *all)
{
	*all = (struct frames){ 0 };
	frames_intern(all,
		      &(struct model_frame){ .kind = MODEL_FRAME_NO_INFO });
}

uint32_t frames_intern(struct frames *all, const struct model_frame *f)
{
	uint64_t hash = hash_of(f);
	uint32_t id;

	for (size_t at = index_start(&all->index, hash);
	     (id = index_at(&all->index, at)); at = index_next(&all->index, at))
		if (is_same(&all->list[id - 1], f))
			return id - 1;
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	all->list[all->count++] = *f;
	index_add(&all->index, (uint32_t)all->count - 1, all, hash_entry);
	return (uint32_t)all->count - 1;
}

void frames_release(struct frames *all)
{
	free(all->list);
	index_release(&all->index);
	*all = (struct frames){ 0 };
}
