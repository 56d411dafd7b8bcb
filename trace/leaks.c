/*
 * leaks - see leaks.h.
 *
 * A block of the file holds one process, or a part of the sites of one that
 * has many: readers put together what has one process and one time.
 */
#include "trace/leaks.h"

#include <stdlib.h>
#include <string.h>

#include "trace/cursor.h"
#include "trace/xmalloc.h"

enum {
	SITES_A_BLOCK = 1 << 17, /* they take 11 MiB at most */
	HOLDS = 1 << MODEL_LEAK_CLASSES, /* among the bits of the classes */
};

void leaks_add(struct leaks *all, const struct model_leaks *l)
{
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	all->list[all->count++] = *l;
}

bool leaks_has(const struct leaks *all, uint32_t process)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].process == process && !all->list[i].goes_on)
			return true;
	return false;
}

static void release_one(struct model_leaks *l)
{
	free((char *)l->why);
	free((char *)l->held);
	free((void *)l->sites);
	free((void *)l->roots);
}

void leaks_release(struct leaks *all)
{
	for (size_t i = 0; i < all->count; i++)
		release_one(&all->list[i]);
	free(all->list);
	*all = (struct leaks){ 0 };
}

static void put_site(struct column *c, const struct model_leak *s,
		     uint32_t before)
{
	unsigned int bits = s->held_blocks ? HOLDS : 0;

	for (unsigned int i = 0; i < MODEL_LEAK_CLASSES; i++)
		bits |= (unsigned int)(s->blocks[i] != 0) << i;
	column_put(c, s->site - before);
	column_put(c, bits);
	for (unsigned int i = 0; i < MODEL_LEAK_CLASSES; i++) {
		if (!s->blocks[i])
			continue;
		column_put(c, s->blocks[i]);
		column_put(c, s->bytes[i]);
	}
	if (!(bits & HOLDS))
		return;
	column_put(c, s->held_blocks);
	column_put(c, s->held_bytes);
}

static void put_root(struct column *c, const struct model_root *r)
{
	column_put(c, r->kind);
	column_put(c, (uint64_t)((int64_t)r->module + 1));
	column_put(c, r->addr);
	column_put(c, (uint64_t)(uint32_t)r->tid);
	column_put(c, r->blocks);
	column_put(c, r->bytes);
}

void leaks_put(const struct model_leaks *l, struct column *c)
{
	uint32_t next = 0;

	column_put(&c[LEAKS_HEAD], l->process);
	column_put(&c[LEAKS_HEAD], l->time);
	column_put(&c[LEAKS_HEAD], l->unread);
	column_put(&c[LEAKS_HEAD], (l->replaced ? LEAKS_REPLACED : 0) |
					   (l->goes_on ? LEAKS_GOES_ON : 0));
	column_put(&c[LEAKS_HEAD], l->site_count);
	column_put(&c[LEAKS_HEAD], l->root_count);
	column_put_string(&c[LEAKS_STRINGS], l->why ? l->why : "");
	if (l->goes_on) {
		column_put(&c[LEAKS_HEAD], l->stopped);
		column_put_string(&c[LEAKS_STRINGS], l->held ? l->held : "");
	}
	for (size_t i = 0; i < l->site_count; i++) {
		put_site(&c[LEAKS_SITES], &l->sites[i], next);
		next = l->sites[i].site + 1;
	}
	for (size_t i = 0; i < l->root_count; i++)
		put_root(&c[LEAKS_ROOTS], &l->roots[i]);
}

static int write_one(const struct model_leaks *l, struct writer *w,
		     struct err *err)
{
	struct model_leaks part = *l;
	size_t left = l->site_count;
	int ret;

	do {
		struct column c[LEAKS_COLUMNS] = { 0 };

		part.site_count = left < SITES_A_BLOCK ? left : SITES_A_BLOCK;
		leaks_put(&part, c);
		ret = writer_block(w, FORMAT_LEAKS, c, LEAKS_COLUMNS, err);
		columns_release(c, LEAKS_COLUMNS);
		part.sites += part.site_count;
		left -= part.site_count;
		part.root_count = 0;
	} while (left && !ret);
	return ret;
}

int leaks_write(struct leaks *all, struct writer *w, struct err *err)
{
	for (; all->written < all->count; all->written++)
		if (write_one(&all->list[all->written], w, err) < 0)
			return -1;
	return 0;
}

/* Sums of many of these still fit. */
static bool is_possible(uint64_t blocks, uint64_t bytes)
{
	return blocks <= UINT32_MAX && bytes <= (uint64_t)1 << 48;
}

static bool get_site(struct cursor *c, struct model_leak *s, uint64_t *next)
{
	uint64_t site = *next + cursor_get(c);
	uint64_t bits = cursor_get(c);

	*s = (struct model_leak){ .site = (uint32_t)site };
	for (unsigned int i = 0; i < MODEL_LEAK_CLASSES; i++) {
		if (!(bits & 1U << i))
			continue;
		s->blocks[i] = cursor_get(c);
		s->bytes[i] = cursor_get(c);
		if (!is_possible(s->blocks[i], s->bytes[i]))
			return false;
	}
	if (bits & HOLDS) {
		s->held_blocks = cursor_get(c);
		s->held_bytes = cursor_get(c);
	}
	*next = site + 1;
	return !c->bad && site < MODEL_NO_SITE &&
	       is_possible(s->held_blocks, s->held_bytes);
}

static bool get_root(struct cursor *c, struct model_root *r)
{
	uint64_t kind = cursor_get(c), module = cursor_get(c);

	*r = (struct model_root){ .kind = (enum model_root_kind)kind,
				  .module = (int64_t)module - 1 };
	r->addr = cursor_get(c);
	r->tid = (int32_t)cursor_get(c);
	r->blocks = cursor_get(c);
	r->bytes = cursor_get(c);
	return !c->bad && kind < MODEL_ROOT_KINDS && module <= UINT32_MAX &&
	       is_possible(r->blocks, r->bytes);
}

/* The entry that a block goes on with, or a new one. */
static struct model_leaks *entry(struct leaks *all,
				 const struct model_leaks *head)
{
	struct model_leaks *last =
		all->count ? &all->list[all->count - 1] : NULL;

	if (last && last->process == head->process &&
	    last->time == head->time && last->goes_on == head->goes_on &&
	    !last->why && !head->why) {
		free((char *)head->held);
		return last;
	}
	leaks_add(all, head);
	return &all->list[all->count - 1];
}

static bool get_all(struct cursor *c, struct model_leaks *l, size_t sites,
		    size_t roots)
{
	struct model_leak *s = xreallocarray(
		(void *)l->sites, l->site_count + sites + 1, sizeof(*s));
	struct model_root *r = xreallocarray(
		(void *)l->roots, l->root_count + roots + 1, sizeof(*r));
	uint64_t next = 0;

	l->sites = s;
	l->roots = r;
	for (size_t i = 0; i < sites; i++)
		if (!get_site(&c[LEAKS_SITES], &s[l->site_count++], &next))
			return false;
	for (size_t i = 0; i < roots; i++)
		if (!get_root(&c[LEAKS_ROOTS], &r[l->root_count++]))
			return false;
	return true;
}

/* NULL of an empty one. */
static bool get_string(struct cursor *c, const char **to)
{
	char *text = cursor_string(c);

	if (text && !*text) {
		free(text);
		return true;
	}
	*to = text;
	return text;
}

static bool get_head(struct cursor *c, struct model_leaks *l, uint64_t *sites,
		     uint64_t *roots)
{
	struct cursor *h = &c[LEAKS_HEAD];
	uint64_t process = cursor_get(h), flags;

	l->process = (uint32_t)process;
	l->time = cursor_get(h);
	l->unread = cursor_get(h);
	flags = cursor_get(h);
	l->replaced = flags & LEAKS_REPLACED;
	l->goes_on = flags & LEAKS_GOES_ON;
	*sites = cursor_get(h);
	*roots = cursor_get(h);
	if (!get_string(&c[LEAKS_STRINGS], &l->why))
		return false;
	if (l->goes_on) {
		l->stopped = cursor_get(h);
		if (!get_string(&c[LEAKS_STRINGS], &l->held))
			return false;
	}
	return !h->bad && process < UINT32_MAX &&
	       *sites <= cursor_left(&c[LEAKS_SITES]) &&
	       *roots <= cursor_left(&c[LEAKS_ROOTS]);
}

bool leaks_read(struct leaks *all, const uint8_t *payload, size_t size,
		uint64_t *budget)
{
	struct cursor c[LEAKS_COLUMNS];
	struct model_leaks head = { 0 };
	uint64_t sites, roots, cost;

	if (!cursors_open(c, LEAKS_COLUMNS, payload, size))
		return false;
	if (!get_head(c, &head, &sites, &roots)) {
		release_one(&head);
		return false;
	}
	cost = sizeof(head) + sites * sizeof(struct model_leak) +
	       roots * sizeof(struct model_root);
	cost += (head.why ? strlen(head.why) : 0) +
		(head.held ? strlen(head.held) : 0);
	if (cost > *budget) {
		release_one(&head);
		return false;
	}
	*budget -= cost;
	return get_all(c, entry(all, &head), sites, roots);
}
