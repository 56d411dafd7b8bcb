/*
 * export_numbers - see export_numbers.h.
 */
#include "cli/export_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static bool is_key(const void *owner, uint32_t item, const void *key)
{
	const struct export_numbers *n = owner;

	return memcmp(&n->keys[item], key, sizeof(struct export_key)) == 0;
}

uint32_t export_number(struct export_numbers *n, struct export_key key,
		       bool *is_new)
{
	uint32_t hash = lookup_hash_numbers(key.part[0] + key.part[2] * 3,
					    key.part[1] + key.part[3] * 5);
	uint32_t found = lookup_find(&n->lookup, hash, is_key, n, &key);

	*is_new = found == LOOKUP_NONE;
	if (!*is_new)
		return found;
	n->keys = xgrow(n->keys, &n->room, (size_t)n->count + 1,
			sizeof(*n->keys));
	n->keys[n->count] = key;
	lookup_add(&n->lookup, hash, n->count);
	return n->count++;
}

void export_numbers_release(struct export_numbers *n)
{
	free(n->keys);
	lookup_release(&n->lookup);
}

struct export_key export_call_key(const struct query_frame *f)
{
	/* Code without a name is told apart by its address. */
	return (struct export_key){
		{ (uintptr_t)f->function, (uintptr_t)f->file,
		  f->function ? f->line : f->addr, (uintptr_t)f->module }
	};
}
