/*
 * web_tables - numbers for what a page names once; see web.h.
 */
#include "cli/web.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

struct key {
	const uint32_t *item;
	size_t length; /* numbers that count */
};

static bool is_item(const void *owner, uint32_t item, const void *key)
{
	const struct web_table *t = owner;
	const struct key *k = key;

	return memcmp(t->items + item * t->width, k->item,
		      k->length * sizeof(*k->item)) == 0;
}

uint32_t web_number(struct web_table *t, const uint32_t *item, size_t key)
{
	const struct key k = { item, key };
	uint32_t hash =
		lookup_hash_text((const char *)item, key * sizeof(*item));
	uint32_t found = lookup_find(&t->lookup, hash, is_item, t, &k);

	if (found != LOOKUP_NONE)
		return found;
	t->items = xgrow(t->items, &t->room, (t->count + (size_t)1) * t->width,
			 sizeof(*t->items));
	memcpy(t->items + t->count * t->width, item, t->width * sizeof(*item));
	lookup_add(&t->lookup, hash, t->count);
	return t->count++;
}

void web_table_release(struct web_table *t)
{
	free(t->items);
	lookup_release(&t->lookup);
}

static bool is_text(const void *owner, uint32_t item, const void *key)
{
	const struct web_texts *t = owner;

	return strcmp(t->list[item], key) == 0;
}

uint32_t web_text(struct web_texts *t, char *text)
{
	uint32_t hash = lookup_hash_text(text, strlen(text));
	uint32_t found = lookup_find(&t->lookup, hash, is_text, t, text);

	if (found != LOOKUP_NONE) {
		free(text);
		return found;
	}
	t->list = xgrow(t->list, &t->room, (size_t)t->count + 1,
			sizeof(*t->list));
	t->list[t->count] = text;
	lookup_add(&t->lookup, hash, t->count);
	return t->count++;
}

void web_texts_release(struct web_texts *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->list[i]);
	free(t->list);
	lookup_release(&t->lookup);
}
