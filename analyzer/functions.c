/*
 * Design
 * ------
 * A mangled name is interned first, so that the lookup compares pointers: the
 * same function is asked for at every address in it.
 */
#include "analyzer/functions.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

struct functions_entry {
	const char *mangled; /* interned */
	struct function_name name;
};

void functions_init(struct functions *f, struct names *names)
{
	*f = (struct functions){ .names = names };
	lookup_init(&f->lookup);
	f->text = arena_alloc(names->arena, 1, sizeof(*f->text));
}

void functions_release(struct functions *f)
{
	lookup_release(&f->lookup);
	free(f->entries);
}

static bool is_entry(const void *owner, uint32_t item, const void *key)
{
	const struct functions *f = owner;

	return f->entries[item].mangled == key;
}

static struct function_name make_name(struct functions *f, const char *mangled)
{
	struct function_name name = { .full = mangled, .plain = mangled };

	name.language = demangle(mangled, f->text);
	if (name.language != DEMANGLE_PLAIN) {
		name.full = names_intern(f->names, f->text->full.bytes);
		name.plain = names_intern(f->names, f->text->plain.bytes);
	}
	return name;
}

struct function_name functions_name(struct functions *f, const char *mangled)
{
	const char *key = names_intern(f->names, mangled);
	uint32_t hash = lookup_hash_numbers((uintptr_t)key, 0);
	uint32_t found = lookup_find(&f->lookup, hash, is_entry, f, key);

	if (found != LOOKUP_NONE)
		return f->entries[found].name;
	f->entries = xgrow(f->entries, &f->room, (size_t)f->count + 1,
			   sizeof(*f->entries));
	f->entries[f->count] = (struct functions_entry){
		.mangled = key,
		.name = make_name(f, key),
	};
	lookup_add(&f->lookup, hash, f->count);
	return f->entries[f->count++].name;
}
