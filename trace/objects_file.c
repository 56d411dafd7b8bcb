/*
 * objects_file - what was found, as blocks of the file; see objects.h.
 */
#include "trace/objects.h"

#include <stdlib.h>
#include <string.h>

#include "trace/cursor.h"
#include "trace/xmalloc.h"

enum {
	HEAD_COUNTS = 4, /* types, entries, classes, pins */
};

void objects_release_one(struct model_objects *o)
{
	for (size_t i = 0; i < o->type_count; i++)
		free((char *)o->types[i].name);
	free((void *)o->types);
	free((void *)o->objects);
	free((void *)o->classes);
	free((void *)o->pins);
}

void objects_add(struct objects *all, const struct model_objects *o)
{
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	all->list[all->count++] = *o;
}

void objects_release(struct objects *all)
{
	for (size_t i = 0; i < all->count; i++)
		objects_release_one(&all->list[i]);
	free(all->list);
	*all = (struct objects){ 0 };
}

static void put_head(const struct model_objects *o, struct column *c)
{
	column_put(c, o->process);
	column_put(c, o->time);
	column_put(c, o->arenas);
	column_put(c, o->arena_bytes);
	column_put(c, o->free_bytes);
	column_put(c, o->free_pools);
	column_put(c, o->type_count);
	column_put(c, o->object_count);
	column_put(c, o->class_count);
	column_put(c, o->pin_count);
}

static void put_type(struct column *c, const struct model_type *t)
{
	column_put_string(&c[OBJECTS_STRINGS], t->name);
	column_put(&c[OBJECTS_TYPES], t->instances);
	column_put(&c[OBJECTS_TYPES], t->bytes);
	column_put(&c[OBJECTS_TYPES], t->values);
}

static void put_entries(const struct model_objects *o, struct column *c)
{
	uint32_t before = 0;

	for (size_t i = 0; i < o->object_count; i++) {
		const struct model_object *e = &o->objects[i];

		column_put(c, e->site - before);
		column_put(c, e->type == MODEL_NO_TYPE ? 0 : e->type + 1);
		column_put(c, e->blocks);
		column_put(c, e->bytes);
		column_put(c, e->sole);
		before = e->site;
	}
}

static void put_pins(const struct model_objects *o, struct column *c)
{
	uint32_t next = 0;

	for (size_t i = 0; i < o->pin_count; i++) {
		column_put(c, o->pins[i].site - next);
		column_put(c, o->pins[i].arenas);
		column_put(c, o->pins[i].blocks);
		column_put(c, o->pins[i].bytes);
		next = o->pins[i].site + 1;
	}
}

void objects_put(const struct model_objects *o, struct column *c)
{
	put_head(o, &c[OBJECTS_HEAD]);
	for (size_t i = 0; i < o->type_count; i++)
		put_type(c, &o->types[i]);
	put_entries(o, &c[OBJECTS_ENTRIES]);
	for (size_t i = 0; i < o->class_count; i++) {
		column_put(&c[OBJECTS_CLASSES], o->classes[i].size);
		column_put(&c[OBJECTS_CLASSES], o->classes[i].pools);
		column_put(&c[OBJECTS_CLASSES], o->classes[i].blocks);
		column_put(&c[OBJECTS_CLASSES], o->classes[i].room);
	}
	put_pins(o, &c[OBJECTS_PINS]);
}

int objects_write(struct objects *all, struct writer *w, struct err *err)
{
	for (; all->written < all->count; all->written++) {
		struct column c[OBJECTS_COLUMNS] = { 0 };
		int ret;

		objects_put(&all->list[all->written], c);
		ret = writer_block(w, FORMAT_OBJECTS, c, OBJECTS_COLUMNS, err);
		columns_release(c, OBJECTS_COLUMNS);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* Sums of many of these still fit. */
static bool is_possible(uint64_t blocks, uint64_t bytes)
{
	return blocks <= UINT32_MAX && bytes <= (uint64_t)1 << 48;
}

static bool get_types(struct cursor *columns, struct model_objects *o,
		      size_t count)
{
	struct model_type *list = xcalloc(count + 1, sizeof(*list));
	struct cursor *c = &columns[OBJECTS_TYPES];

	o->types = list;
	for (size_t i = 0; i < count; i++) {
		list[i].name = cursor_string(&columns[OBJECTS_STRINGS]);
		if (!list[i].name)
			return false;
		o->type_count++;
		list[i].instances = cursor_get(c);
		list[i].bytes = cursor_get(c);
		list[i].values = cursor_get(c);
		if (c->bad || !is_possible(list[i].instances, list[i].bytes) ||
		    !is_possible(0, list[i].values))
			return false;
	}
	return true;
}

static bool get_entries(struct cursor *c, struct model_objects *o, size_t n)
{
	struct model_object *list = xcalloc(n + 1, sizeof(*list));
	uint64_t site = 0;

	o->objects = list;
	for (size_t i = 0; i < n; i++) {
		struct model_object *e = &list[i];
		uint64_t type;

		site += cursor_get(c);
		type = cursor_get(c);
		e->blocks = cursor_get(c);
		e->bytes = cursor_get(c);
		e->sole = cursor_get(c);
		e->site = (uint32_t)site;
		e->type = type ? (uint32_t)type - 1 : MODEL_NO_TYPE;
		if (c->bad || site >= MODEL_NO_SITE || type > o->type_count ||
		    !is_possible(e->blocks, e->bytes) || e->sole > e->blocks)
			return false;
		o->object_count++;
	}
	return true;
}

static bool get_classes(struct cursor *c, struct model_objects *o, size_t n)
{
	struct model_size_class *list = xcalloc(n + 1, sizeof(*list));

	o->classes = list;
	for (size_t i = 0; i < n; i++) {
		list[i].size = (uint32_t)cursor_get(c);
		list[i].pools = cursor_get(c);
		list[i].blocks = cursor_get(c);
		list[i].room = cursor_get(c);
		if (c->bad || !is_possible(list[i].blocks, list[i].pools) ||
		    !is_possible(list[i].room, 0))
			return false;
		o->class_count++;
	}
	return true;
}

static bool get_pins(struct cursor *c, struct model_objects *o, size_t n)
{
	struct model_pin *list = xcalloc(n + 1, sizeof(*list));
	uint64_t next = 0;

	o->pins = list;
	for (size_t i = 0; i < n; i++) {
		uint64_t site = next + cursor_get(c);

		list[i].site = (uint32_t)site;
		list[i].arenas = cursor_get(c);
		list[i].blocks = cursor_get(c);
		list[i].bytes = cursor_get(c);
		if (c->bad || site >= MODEL_NO_SITE ||
		    !is_possible(list[i].blocks, list[i].bytes))
			return false;
		next = site + 1;
		o->pin_count++;
	}
	return true;
}

static bool get_all(struct cursor *c, struct model_objects *o,
		    const uint64_t *counts)
{
	return get_types(c, o, counts[0]) &&
	       get_entries(&c[OBJECTS_ENTRIES], o, counts[1]) &&
	       get_classes(&c[OBJECTS_CLASSES], o, counts[2]) &&
	       get_pins(&c[OBJECTS_PINS], o, counts[3]);
}

bool objects_read(struct objects *all, const uint8_t *payload, size_t size,
		  uint64_t *budget)
{
	struct cursor c[OBJECTS_COLUMNS];
	struct cursor *h = &c[OBJECTS_HEAD];
	struct model_objects o = { 0 };
	uint64_t counts[HEAD_COUNTS];

	/* An entry takes no more than so many times its bytes. */
	if (!cursors_open(c, OBJECTS_COLUMNS, payload, size) ||
	    size > *budget / 32)
		return false;
	o.process = (uint32_t)cursor_get(h);
	o.time = cursor_get(h);
	o.arenas = cursor_get(h);
	o.arena_bytes = cursor_get(h);
	o.free_bytes = cursor_get(h);
	o.free_pools = cursor_get(h);
	for (int i = 0; i < HEAD_COUNTS; i++)
		counts[i] = cursor_get(h);
	if (h->bad || counts[0] > cursor_left(&c[OBJECTS_STRINGS]) ||
	    counts[1] > cursor_left(&c[OBJECTS_ENTRIES]) ||
	    counts[2] > cursor_left(&c[OBJECTS_CLASSES]) ||
	    counts[3] > cursor_left(&c[OBJECTS_PINS]))
		return false;
	*budget -= size * 32;
	if (get_all(c, &o, counts)) {
		objects_add(all, &o);
		return true;
	}
	objects_release_one(&o);
	return false;
}
