/*
 * portable_writer - see portable_writer.h; portable.c has the design.
 */
#include "trace/portable_writer.h"

#include <stdlib.h>
#include <string.h>

#include "trace/column.h"
#include "trace/index.h"
#include "trace/xmalloc.h"

enum {
	BLOCK_FULL = 4 << 20, /* bytes of columns */
};

/* Strings of a block, by their address. */
struct strings {
	const char **list; /* owned */
	size_t count, capacity;
	struct index index;
};

struct portable_writer {
	const struct trace *trace; /* borrowed */
	uint32_t *order; /* owned */
	size_t order_count;
	size_t first, next; /* in order */
	uint32_t flags;
	struct strings functions, files;
	struct portable_last last[PORTABLE_PLACES];
	struct column columns[PORTABLE_COLUMNS];
};

static uint64_t hash_pointer(const char *s)
{
	return index_mix((uintptr_t)s, 0);
}

static uint64_t hash_string(const void *table, uint32_t number)
{
	return hash_pointer(((const struct strings *)table)->list[number]);
}

/* Its number; `column` gets it when it is new. */
static uint32_t intern(struct strings *all, const char *s, struct column *c)
{
	uint64_t hash = hash_pointer(s);
	uint32_t id;

	for (size_t at = index_start(&all->index, hash);
	     (id = index_at(&all->index, at)); at = index_next(&all->index, at))
		if (all->list[id - 1] == s)
			return id - 1;
	all->list = xgrow(all->list, &all->capacity, all->count + 1,
			  sizeof(*all->list));
	all->list[all->count++] = s;
	column_put_bytes(c, s, strlen(s) + 1);
	index_add(&all->index, (uint32_t)all->count - 1, all, hash_string);
	return (uint32_t)all->count - 1;
}

static void clear_strings(struct strings *all)
{
	free(all->list);
	index_release(&all->index);
	*all = (struct strings){ 0 };
}

struct portable_writer *portable_writer_create(const struct trace *t,
					       uint32_t flags)
{
	struct portable_writer *w = xcalloc(1, sizeof(*w));

	w->trace = t;
	w->order = portable_order(t, &w->order_count);
	w->flags = flags;
	return w;
}

void portable_writer_destroy(struct portable_writer *w)
{
	if (!w)
		return;
	clear_strings(&w->functions);
	clear_strings(&w->files);
	columns_release(w->columns, PORTABLE_COLUMNS);
	free(w->order);
	free(w);
}

/* The code of string `s`, at a place where `*last` was. */
static uint64_t code_of(struct strings *all, const char *s, struct column *c,
			uint32_t *last)
{
	size_t before = all->count;
	uint32_t number, was = *last;

	*last = 0;
	if (!s)
		return 0;
	number = intern(all, s, c);
	*last = number + 1;
	if (*last == was)
		return PORTABLE_SAME;
	return number == before ? PORTABLE_NEXT
				: (uint64_t)number + PORTABLE_GIVEN;
}

static void put_call(struct portable_writer *w, const struct portable_call *p,
		     struct portable_last *last)
{
	struct column *c = w->columns;

	column_put(&c[PORTABLE_CALL_FUNCTIONS],
		   code_of(&w->functions, p->function, &c[PORTABLE_FUNCTIONS],
			   &last->function));
	column_put(
		&c[PORTABLE_CALL_FILES],
		code_of(&w->files, p->file, &c[PORTABLE_FILES], &last->file));
	column_put(&c[PORTABLE_CALL_LINES],
		   column_zigzag((int64_t)p->line - last->line));
	last->line = p->line;
}

/* Writes the block, and begins the next. */
static int flush(struct portable_writer *w, struct writer *out, struct err *err)
{
	struct column *head = &w->columns[PORTABLE_HEAD];
	size_t count = w->next - w->first;
	int ret;

	column_put(head, w->first);
	column_put(head, count);
	column_put(head,
		   portable_checksum(w->trace, w->order + w->first, count));
	column_put(head, w->flags);
	ret = writer_block(out, FORMAT_SYMBOLS, w->columns, PORTABLE_COLUMNS,
			   err);
	columns_clear(w->columns, PORTABLE_COLUMNS);
	clear_strings(&w->functions);
	clear_strings(&w->files);
	memset(w->last, 0, sizeof(w->last));
	w->first = w->next;
	return ret;
}

bool portable_writer_next(const struct portable_writer *w, uint32_t *frame)
{
	if (w->next == w->order_count)
		return false;
	*frame = w->order[w->next];
	return true;
}

int portable_writer_put(struct portable_writer *w, struct writer *out,
			const struct portable_call *calls, size_t count,
			struct err *err)
{
	column_put(&w->columns[PORTABLE_COUNTS], count);
	for (size_t i = count; i--;)
		put_call(w, &calls[i], portable_place(w->last, count - 1 - i));
	w->next++;
	if (columns_size(w->columns, PORTABLE_COLUMNS) < BLOCK_FULL)
		return 0;
	return flush(w, out, err);
}

int portable_writer_finish(struct portable_writer *w, struct writer *out,
			   const uint8_t *states, size_t modules,
			   struct err *err)
{
	column_put_bytes(&w->columns[PORTABLE_MODULES], states, modules);
	return flush(w, out, err);
}
