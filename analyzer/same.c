/*
 * Design
 * ------
 * Paths that both sides have are settled first. Of the others, those with the
 * same last part may be one file that has moved, and the pair with the longest
 * common end goes first: "old/src/a/util.c" became "new/src/a/util.c" and not
 * "new/src/b/util.c". There are seldom more than a handful with one name.
 */
#include "analyzer/same.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	MOVED_MAX = 1 << 20, /* pairs of candidates; no project comes near */
};

struct key {
	const char *path;
	bool is_new;
};

void same_init(struct same *s, struct names *names)
{
	*s = (struct same){ .names = names };
	lookup_init(&s->lookup);
}

void same_release(struct same *s)
{
	lookup_release(&s->lookup);
	free(s->paths);
}

static bool is_path(const void *owner, uint32_t item, const void *key)
{
	const struct same_path *p = &((const struct same *)owner)->paths[item];
	const struct key *k = key;

	return p->path == k->path && p->is_new == k->is_new;
}

static uint32_t find(struct same *s, const struct key *k, bool add)
{
	uint32_t hash = lookup_hash_numbers((uintptr_t)k->path, k->is_new);
	uint32_t found = lookup_find(&s->lookup, hash, is_path, s, k);

	if (found != LOOKUP_NONE || !add)
		return found;
	s->paths = xgrow(s->paths, &s->room, s->count + 1, sizeof(*s->paths));
	s->paths[s->count] =
		(struct same_path){ .path = k->path, .is_new = k->is_new };
	lookup_add(&s->lookup, hash, (uint32_t)s->count);
	return (uint32_t)s->count++;
}

static struct key key_of(struct same *s, const char *path, bool is_new)
{
	return (struct key){ names_intern(s->names, path), is_new };
}

void same_add(struct same *s, const char *path, bool is_new)
{
	struct key k = key_of(s, path, is_new);

	if (path)
		find(s, &k, true);
}

static void join(struct same_path *a, struct same_path *b, uint32_t number)
{
	a->number = b->number = number + 1;
	a->is_paired = b->is_paired = true;
}

void same_declare(struct same *s, const char *old, const char *new)
{
	struct key a = key_of(s, old, false), b = key_of(s, new, true);
	uint32_t x = find(s, &a, true), y = find(s, &b, true);

	if (!s->paths[x].is_paired && !s->paths[y].is_paired)
		join(&s->paths[x], &s->paths[y], x);
}

static void settle_equal(struct same *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct same_path *old = &s->paths[i];
		struct key k = { .path = old->path, .is_new = true };
		uint32_t other = old->is_new ? LOOKUP_NONE : find(s, &k, false);

		if (other != LOOKUP_NONE && !old->is_paired &&
		    !s->paths[other].is_paired)
			join(old, &s->paths[other], i);
	}
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Parts at the end of two paths that are equal. */
static uint32_t common_end(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);
	uint32_t parts = 0;

	while (x && y && a[x - 1] == b[y - 1]) {
		parts += a[x - 1] == '/';
		x--;
		y--;
	}
	/* One may be the end of the other. */
	if ((!x || a[x - 1] == '/') && (!y || b[y - 1] == '/'))
		parts++;
	return parts;
}

/* A file that may have become another. */
struct move {
	uint32_t old, new;
	uint32_t parts;
};

static int compare_moves(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	if (x->parts != y->parts)
		return x->parts > y->parts ? -1 : 1;
	if (x->old != y->old)
		return x->old < y->old ? -1 : 1;
	return x->new < y->new ? -1 : x->new > y->new;
}

static int compare_last_parts(const void *a, const void *b, void *paths)
{
	const struct same_path *p = paths;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = strcmp(last_part(p[x].path), last_part(p[y].path));

	return order ? order : x < y ? -1 : x > y;
}

struct moves {
	struct move *items;
	size_t room, count;
};

/* Candidates among those with one last part. */
static void add_moves(const struct same *s, const uint32_t *list, size_t n,
		      struct moves *moves)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			const struct same_path *a = &s->paths[list[i]];
			const struct same_path *b = &s->paths[list[j]];

			if (a->is_new || !b->is_new ||
			    moves->count == MOVED_MAX)
				continue;
			moves->items =
				xgrow(moves->items, &moves->room,
				      moves->count + 1, sizeof(*moves->items));
			moves->items[moves->count++] = (struct move){
				.old = list[i],
				.new = list[j],
				.parts = common_end(a->path, b->path),
			};
		}
	}
}

static void join_moves(struct same *s, struct moves *moves)
{
	if (moves->count)
		qsort(moves->items, moves->count, sizeof(*moves->items),
		      compare_moves);
	for (size_t i = 0; i < moves->count; i++) {
		const struct move *m = &moves->items[i];

		if (!s->paths[m->old].is_paired && !s->paths[m->new].is_paired)
			join(&s->paths[m->old], &s->paths[m->new], m->old);
	}
}

static void settle_moved(struct same *s)
{
	uint32_t *list = xcalloc(s->count + 1, sizeof(*list));
	struct moves moves = { 0 };
	size_t n = 0, end;

	for (uint32_t i = 0; i < s->count; i++)
		if (!s->paths[i].is_paired)
			list[n++] = i;
	qsort_r(list, n, sizeof(*list), compare_last_parts, s->paths);
	for (size_t i = 0; i < n; i = end) {
		const char *name = last_part(s->paths[list[i]].path);

		for (end = i + 1; end < n; end++)
			if (strcmp(last_part(s->paths[list[end]].path), name))
				break;
		add_moves(s, list + i, end - i, &moves);
	}
	join_moves(s, &moves);
	free(list);
	free(moves.items);
}

void same_settle(struct same *s)
{
	settle_equal(s);
	settle_moved(s);
	for (uint32_t i = 0; i < s->count; i++)
		if (!s->paths[i].is_paired)
			s->paths[i].number = i + 1;
}

uint32_t same_number(struct same *s, const char *path, bool is_new)
{
	struct key k = key_of(s, path, is_new);
	uint32_t found = path ? find(s, &k, false) : LOOKUP_NONE;

	return found == LOOKUP_NONE ? 0 : s->paths[found].number;
}
