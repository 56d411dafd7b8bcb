/*
 * Design
 * ------
 * Numbers are given in the order of arrival and index `text`; the lookup finds
 * the number by the bytes.
 */
#include "analyzer/names.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void names_init(struct names *n, struct arena *arena)
{
	*n = (struct names){ .arena = arena };
	lookup_init(&n->lookup);
}

void names_release(struct names *n)
{
	lookup_release(&n->lookup);
	free(n->text);
}

static bool is_text(const void *owner, uint32_t item, const void *key)
{
	const struct names *n = owner;

	return n->text[item] == key || strcmp(n->text[item], key) == 0;
}

uint32_t names_number(struct names *n, const char *text)
{
	size_t length = strlen(text);
	uint32_t hash = lookup_hash_text(text, length);
	uint32_t found = lookup_find(&n->lookup, hash, is_text, n, text);

	if (found != LOOKUP_NONE)
		return found;
	n->text = xgrow(n->text, &n->room, (size_t)n->count + 1,
			sizeof(*n->text));
	n->text[n->count] = arena_text(n->arena, text, length);
	lookup_add(&n->lookup, hash, n->count);
	return n->count++;
}

const char *names_intern(struct names *n, const char *text)
{
	uint32_t number;

	if (!text)
		return NULL;
	number = names_number(n, text); /* may move n->text */
	return n->text[number];
}
