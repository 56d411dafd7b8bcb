/*
 * objects - see objects.h.
 *
 * In front of an object stand, when its type's flags say so, two words for its
 * dictionary and weak references (3.11 and later), and two for the cyclic
 * collector. So a block has three places where an object may begin, and the
 * type found there says whether that is the right one. What is none (the items
 * of a list, the keys of a dict) has no type.
 *
 * pymalloc carves arenas into pools, and each pool into blocks of one size;
 * its head says of which, and how many are used (Objects/obmalloc.c). An arena
 * is given back when no block is left in it: so each of its blocks pins all
 * that is free there.
 */
#include "trace/objects.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trace/index.h"
#include "trace/xmalloc.h"

enum {
	TYPE_NAME = 24, /* offsets in a type */
	TYPE_BASIC = 32,
	TYPE_FLAGS = 168,
	TYPE_DICT = 288,
	DICT_USED = 16, /* offsets in a dict */
	DICT_KEYS = 32,
	DICT_VALUES = 40,
	MANAGED_DICT_AT = 24, /* bytes before an object, 3.11 and later */
	MANAGED_VALUES_AT = 32,
	VALUES_COUNT = 2, /* bytes before values */
	INLINE_COUNT = 1, /* offset in values behind an object */
	NAME_MAX_BYTES = 128,
	METATYPES = 4, /* from a type to `type`, at most */
	HEAD = 16, /* bytes of either head in front of an object */
	OBJECT = 16, /* bytes of the smallest */
	ALIGNMENT = 16,
	SMALL = 512, /* bytes of the largest block in a pool */
	CLASSES = SMALL / ALIGNMENT,
	POOL_HEAD = 48,
	POOL_ARENA_INDEX = 32, /* offsets in it */
	POOL_CLASS = 36,
	VERSION_LARGE_ARENAS = 0x030a0000,
	VERSION_MANAGED = 0x030b0000,
	VERSION_IMMORTAL = 0x030c0000,
	VERSION_INLINE = 0x030d0000,
};

/* Of a type. */
static const uint64_t HAS_GC = 1 << 14, MANAGED = 1 << 3 | 1 << 4,
		      MANAGED_DICT = 1 << 4, INLINE_VALUES = 1 << 2,
		      HEAP_TYPE = 1 << 9, MAKES_TYPES = 1ULL << 31;

/* An address that was looked at. */
struct type {
	uint64_t addr;
	uint32_t number; /* MODEL_NO_TYPE: it is none */
	uint32_t in_front; /* bytes */
	uint64_t flags;
	uint64_t size; /* bytes of an object, without what varies */
	int64_t dict; /* offset of its dictionary; 0 none */
};

struct finder {
	const struct objects_task *task;
	struct type *types; /* owned */
	size_t type_count, type_capacity;
	struct index index; /* of types, by address */
	struct model_type *found; /* owned, by number */
	size_t found_count, found_capacity;
	struct model_object *list; /* owned; of the last `site` in the end */
	size_t count, capacity;
};

static uint64_t hash_type(const void *table, uint32_t number)
{
	return index_mix(((const struct type *)table)[number].addr, 0);
}

/* False when it can not be all there. */
static bool get(struct finder *f, uint64_t addr, void *to, size_t size)
{
	size_t n = size;
	const char *at;

	if (addr < 4096 || addr >> 47)
		return false;
	at = peek_at(f->task->peek, addr, &n);
	if (n == size)
		memcpy(to, at, size);
	else
		peek_read(f->task->peek, addr, to, size);
	return true;
}

static uint64_t word_at(struct finder *f, uint64_t addr)
{
	uint64_t word = 0;

	return addr % 8 == 0 && get(f, addr, &word, sizeof(word)) ? word : 0;
}

static uint64_t type_of(struct finder *f, uint64_t object)
{
	return word_at(f, object + 8);
}

/* NUL-terminated; false when it is no name. */
static bool get_name(struct finder *f, uint64_t type,
		     char name[NAME_MAX_BYTES + 1])
{
	size_t n = NAME_MAX_BYTES;
	uint64_t addr = word_at(f, type + TYPE_NAME);
	const char *at;

	if (addr < 4096 || addr >> 47)
		return false;
	at = peek_at(f->task->peek, addr, &n);
	memcpy(name, at, n);
	if (n < NAME_MAX_BYTES && !memchr(name, 0, n))
		peek_read(f->task->peek, addr + n, name + n,
			  NAME_MAX_BYTES - n);
	name[NAME_MAX_BYTES] = '\0';
	for (const char *c = name; *c; c++)
		if (iscntrl((unsigned char)*c))
			return false;
	return name[0];
}

static uint64_t flags_of(struct finder *f, uint64_t type)
{
	return word_at(f, type + TYPE_FLAGS);
}

/* Is its type `type`, or one of those that are made of that? */
static bool is_type(struct finder *f, uint64_t addr)
{
	char name[NAME_MAX_BYTES + 1];
	uint64_t meta = type_of(f, addr);

	if (!meta || !(flags_of(f, meta) & MAKES_TYPES))
		return false;
	for (int i = 0; meta && i < METATYPES; i++) {
		uint64_t next = type_of(f, meta);

		if (next == meta)
			return get_name(f, meta, name) && !strcmp(name, "type");
		meta = next;
	}
	return false;
}

static uint32_t in_front_of(const struct finder *f, uint64_t flags)
{
	uint32_t bytes = flags & HAS_GC ? HEAD : 0;

	if (f->task->version >= VERSION_MANAGED && flags & MANAGED)
		bytes += HEAD;
	return bytes;
}

static void look_at_type(struct finder *f, struct type *t)
{
	char name[NAME_MAX_BYTES + 1];

	if (t->addr % 8 || !is_type(f, t->addr) || !get_name(f, t->addr, name))
		return;
	t->flags = flags_of(f, t->addr);
	t->in_front = in_front_of(f, t->flags);
	t->size = word_at(f, t->addr + TYPE_BASIC);
	t->dict = (int64_t)word_at(f, t->addr + TYPE_DICT);
	t->number = (uint32_t)f->found_count;
	f->found = xgrow(f->found, &f->found_capacity, f->found_count + 1,
			 sizeof(*f->found));
	f->found[f->found_count++] =
		(struct model_type){ .name = xstrdup(name) };
}

static struct type find_type(struct finder *f, uint64_t addr)
{
	struct type new = { .addr = addr, .number = MODEL_NO_TYPE };
	uint32_t id;

	for (size_t at = index_start(&f->index, index_mix(addr, 0));
	     (id = index_at(&f->index, at)); at = index_next(&f->index, at))
		if (f->types[id - 1].addr == addr)
			return f->types[id - 1];
	look_at_type(f, &new);
	f->types = xgrow(f->types, &f->type_capacity, f->type_count + 1,
			 sizeof(*f->types));
	f->types[f->type_count++] = new;
	index_add(&f->index, (uint32_t)f->type_count - 1, f->types, hash_type);
	return new;
}

static uint64_t references(const struct finder *f, uint64_t word)
{
	return f->task->version >= VERSION_IMMORTAL ? (uint32_t)word : word;
}

/* Bytes of the block that an address is in; 0 it is in none that is known. */
static uint64_t block_size(const struct finder *f, uint64_t addr)
{
	uint32_t block = heap_find(f->task->heap, addr);

	return block == HEAP_NONE ? 0 : f->task->heap->size[block];
}

/* What a dictionary takes, and how many it holds. */
static uint64_t look_at_dict(struct finder *f, uint64_t dict, uint64_t *values)
{
	uint64_t split = word_at(f, dict + DICT_VALUES);
	uint64_t keys = split ? 0 : word_at(f, dict + DICT_KEYS);

	*values = word_at(f, dict + DICT_USED);
	return block_size(f, dict) + block_size(f, split ? split : keys);
}

/* Values without a dictionary: of 3.11 and 3.12 in a block of their own. */
static uint64_t look_at_values(struct finder *f, uint64_t at, uint64_t *values)
{
	uint8_t count = 0;

	get(f, at - VALUES_COUNT, &count, sizeof(count));
	*values = count;
	return block_size(f, at);
}

/* Since 3.13 they are behind the object. */
static void look_inline(struct finder *f, uint64_t at, uint64_t *values)
{
	uint8_t count = 0;

	get(f, at + INLINE_COUNT, &count, sizeof(count));
	*values = count;
}

/*
 * What an object's attributes take besides its own block. False when it has
 * none, or they are not to be found.
 */
static bool look_at_attributes(struct finder *f, const struct type *t,
			       uint64_t object, uint64_t *bytes,
			       uint64_t *values)
{
	uint32_t version = f->task->version;
	uint64_t dict;

	*bytes = *values = 0;
	if (version < VERSION_MANAGED) {
		dict = t->dict > 0 ? word_at(f, object + (uint64_t)t->dict) : 0;
		*bytes = dict ? look_at_dict(f, dict, values) : 0;
		return dict;
	}
	if (!(t->flags & MANAGED_DICT))
		return false;
	dict = word_at(f, object - MANAGED_DICT_AT);
	if (version < VERSION_IMMORTAL && !dict) {
		dict = word_at(f, object - MANAGED_VALUES_AT);
		*bytes = dict ? look_at_values(f, dict, values) : 0;
		return dict;
	}
	if (version < VERSION_INLINE && dict & 1) {
		*bytes = look_at_values(f, dict + 1, values);
		return true;
	}
	if (!dict && t->flags & INLINE_VALUES) {
		look_inline(f, object + t->size, values);
		return true;
	}
	*bytes = dict ? look_at_dict(f, dict, values) : 0;
	return dict;
}

/* Of a class that the program made. */
static void add_instance(struct finder *f, const struct type *t,
			 uint64_t object, uint64_t size)
{
	struct model_type *found = &f->found[t->number];
	uint64_t bytes, values;

	if (t->flags & MAKES_TYPES ||
	    !look_at_attributes(f, t, object, &bytes, &values))
		return;
	found->instances++;
	found->bytes += size + bytes;
	found->values += values;
}

/* Sets type and references; the type is none when it is no object. */
static void classify(struct finder *f, uint64_t addr, uint64_t size,
		     struct model_object *o)
{
	uint64_t words[3 * 2] = { 0 };
	size_t n = size < sizeof(words) ? size & ~(uint64_t)15 : sizeof(words);

	o->type = MODEL_NO_TYPE;
	if (n < OBJECT || !get(f, addr, words, n))
		return;
	for (uint32_t i = 0; i < n / HEAD; i++) {
		const uint64_t *w = &words[(size_t)i * 2];
		struct type t;

		/* No pointer is so few references. */
		if (!w[0] || w[0] >> 40 || w[1] < 4096 || w[1] >> 47 ||
		    w[1] % 8)
			continue;
		t = find_type(f, w[1]);
		if (t.number == MODEL_NO_TYPE || t.in_front != i * HEAD)
			continue;
		o->type = t.number;
		o->sole = references(f, w[0]) == 1;
		if (t.flags & HEAP_TYPE)
			add_instance(f, &t, addr + t.in_front, size);
		return;
	}
}

static int by_site_and_type(const void *a, const void *b)
{
	const struct model_object *one = a, *other = b;

	if (one->site != other->site)
		return one->site < other->site ? -1 : 1;
	return (one->type > other->type) - (one->type < other->type);
}

/* One entry for a site and a type. */
static void put_together(struct finder *f)
{
	size_t last = 0;

	if (!f->count)
		return;
	qsort(f->list, f->count, sizeof(*f->list), by_site_and_type);
	for (size_t i = 1; i < f->count; i++) {
		struct model_object *to = &f->list[last];
		const struct model_object *from = &f->list[i];

		if (by_site_and_type(to, from)) {
			f->list[++last] = *from;
			continue;
		}
		to->blocks += from->blocks;
		to->bytes += from->bytes;
		to->sole += from->sole;
	}
	f->count = last + 1;
}

static void find_objects(struct finder *f)
{
	const struct heap *h = f->task->heap;
	size_t room = 1 << 16;

	for (size_t i = 0; i < h->count; i++) {
		struct model_object o = { .site = h->site[i],
					  .blocks = 1,
					  .bytes = h->size[i] };

		classify(f, h->addr[i], h->size[i], &o);
		if (f->count == room) {
			put_together(f);
			room = f->count * 2 > room ? f->count * 2 : room;
		}
		f->list = xgrow(f->list, &f->capacity, f->count + 1,
				sizeof(*f->list));
		f->list[f->count++] = o;
	}
	put_together(f);
}

static uint64_t arena_size(uint32_t version)
{
	return version >= VERSION_LARGE_ARENAS ? 1 << 20 : 1 << 18;
}

static uint64_t pool_size(uint32_t version)
{
	return version >= VERSION_LARGE_ARENAS ? 1 << 14 : 1 << 12;
}

bool objects_is_arena(const struct heap *heap, uint32_t version,
		      const struct mappings_range *range)
{
	uint32_t first;

	if (!version || range->end - range->start != arena_size(version))
		return false;
	first = heap_from(heap, range->start);
	return first < heap->count && heap->addr[first] < range->end;
}

/* What all arenas add up to. */
struct totals {
	struct model_objects *to;
	struct model_size_class class[CLASSES];
	uint64_t *blocks; /* of the arena under way, by site; owned */
	struct model_pin *pins; /* by site; owned */
};

/* Bytes that its blocks take. */
static uint64_t add_pool(struct finder *f, struct totals *t, uint64_t addr)
{
	uint32_t head[POOL_HEAD / 4] = { 0 };
	uint32_t class, used;
	uint64_t size, room;

	get(f, addr, head, sizeof(head));
	class = head[POOL_CLASS / 4];
	used = head[0];
	if (class >= CLASSES)
		return 0;
	size = ((uint64_t) class + 1) * ALIGNMENT;
	room = (pool_size(f->task->version) - POOL_HEAD) / size;
	if (!used || used > room) {
		t->to->free_pools++;
		return 0;
	}
	t->class[class].size = (uint32_t)size;
	t->class[class].pools++;
	t->class[class].blocks += used;
	t->class[class].room += room;
	return used * size;
}

static void add_pins(const struct finder *f, struct totals *t,
		     const struct mappings_range *range, uint64_t free_bytes)
{
	const struct heap *h = f->task->heap;
	uint32_t first = heap_from(h, range->start), end = first;

	for (; end < h->count && h->addr[end] < range->end; end++)
		t->blocks[h->site[end]]++;
	for (uint32_t i = first; i < end; i++) {
		uint64_t *blocks = &t->blocks[h->site[i]];
		struct model_pin *pin = &t->pins[h->site[i]];

		if (!*blocks)
			continue;
		pin->arenas++;
		pin->blocks += *blocks;
		pin->bytes += (uint64_t)((double)free_bytes * (double)*blocks /
					 (double)(end - first));
		*blocks = 0;
	}
}

static void add_arena(struct finder *f, struct totals *t,
		      const struct mappings_range *range)
{
	uint64_t pool = pool_size(f->task->version);
	uint64_t size = range->end - range->start, used = 0;
	uint64_t at = (range->start + pool - 1) & ~(pool - 1);

	for (; at + pool <= range->end; at += pool)
		used += add_pool(f, t, at);
	t->to->arenas++;
	t->to->arena_bytes += size;
	t->to->free_bytes += size - used;
	add_pins(f, t, range, size - used);
}

static void keep_totals(struct totals *t, size_t sites)
{
	struct model_size_class *classes = xcalloc(CLASSES, sizeof(*classes));
	struct model_pin *pins;
	size_t n = 0;

	for (size_t i = 0; i < CLASSES; i++)
		if (t->class[i].pools)
			classes[t->to->class_count++] = t->class[i];
	t->to->classes = classes;
	for (size_t i = 0; i < sites; i++)
		n += t->pins[i].blocks != 0;
	pins = xcalloc(n + 1, sizeof(*pins));
	for (size_t i = 0; i < sites; i++)
		if (t->pins[i].blocks) {
			pins[t->to->pin_count] = t->pins[i];
			pins[t->to->pin_count++].site = (uint32_t)i;
		}
	t->to->pins = pins;
}

static void find_arenas(struct finder *f, struct model_objects *o)
{
	const struct objects_task *task = f->task;
	const struct mappings *m = task->mappings;
	struct totals t = {
		.to = o,
		.blocks = xcalloc(task->site_count + 1, sizeof(*t.blocks)),
		.pins = xcalloc(task->site_count + 1, sizeof(*t.pins)),
	};

	for (size_t i = 0; i < m->count; i++)
		if (objects_is_arena(task->heap, task->version, &m->ranges[i]))
			add_arena(f, &t, &m->ranges[i]);
	keep_totals(&t, task->site_count);
	free(t.blocks);
	free(t.pins);
}

void objects_find(const struct objects_task *t, struct model_objects *o)
{
	struct finder f = { .task = t };

	find_objects(&f);
	o->types = f.found;
	o->type_count = f.found_count;
	o->objects = f.list;
	o->object_count = f.count;
	find_arenas(&f, o);
	free(f.types);
	index_release(&f.index);
}
