/*
 * Design
 * ------
 * Rows get keys of a few numbers, and those of both sides with equal keys are a
 * group. A step says what the key is and when the rows of a group are pairs;
 * steps go from the sure to the likely, each over what the ones before left.
 *
 * Lines without a counterpart by text are tried at a distance: that of the
 * nearest line of the file which has one, or the one that fits most lines of
 * the function.
 */
#include "analyzer/match.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/match_keys.h"
#include "analyzer/match_stacks.h"
#include "trace/xmalloc.h"

enum rule {
	ALONE, /* pairs are one of each side */
	EQUAL, /* as many on both sides, in order */
	ORDER, /* in order, as many as there are on both sides */
};

/* A row in a group. */
struct item {
	uint64_t key[3];
	uint64_t order; /* among rows of a group, such as its line */
	uint32_t row;
	bool is_new;
};

struct matching {
	const struct match_side *side[2]; /* old, new */
	struct match_keys keys;
	enum query_by by;
	struct match_place *place[2]; /* by row */
	uint32_t *pair[2]; /* by row; MATCH_NONE */
	struct item *items; /* scratch, for all rows */
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	for (size_t i = 0; i < 3; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	if (x->is_new != y->is_new)
		return x->is_new ? 1 : -1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void join(struct matching *m, uint32_t old, uint32_t new)
{
	m->pair[0][old] = new;
	m->pair[1][new] = old;
}

/* The key of a row; false when it takes no part in a step. */
typedef bool key_fn(struct matching *m, bool is_new, uint32_t row,
		    struct item *item);

/* All rows without a counterpart that take part, in groups. */
static size_t collect(struct matching *m, key_fn *key)
{
	size_t n = 0;

	for (int is_new = 0; is_new < 2; is_new++) {
		for (uint32_t i = 0; i < m->side[is_new]->count; i++) {
			struct item item = { .row = i, .is_new = is_new };

			if (m->pair[is_new][i] == MATCH_NONE &&
			    key(m, is_new, i, &item))
				m->items[n++] = item;
		}
	}
	if (n)
		qsort(m->items, n, sizeof(*m->items), compare_items);
	return n;
}

/* The size of the group that begins at `from`, and how many are old. */
static size_t group_at(const struct matching *m, size_t from, size_t n,
		       size_t *olds)
{
	size_t end = from;

	*olds = 0;
	while (end < n && memcmp(m->items[end].key, m->items[from].key,
				 sizeof(m->items->key)) == 0)
		*olds += !m->items[end++].is_new;
	return end - from;
}

static void step(struct matching *m, key_fn *key, enum rule rule)
{
	size_t n = collect(m, key), count, olds, news, pairs;

	for (size_t i = 0; i < n; i += count) {
		count = group_at(m, i, n, &olds);
		news = count - olds;
		pairs = olds < news ? olds : news;
		if ((rule != ORDER && olds != news) ||
		    (rule == ALONE && pairs > 1))
			continue;
		for (size_t j = 0; j < pairs; j++)
			join(m, m->items[i + j].row,
			     m->items[i + olds + j].row);
	}
}

/*
 * Lines
 */

static bool fixed_key(struct matching *m, bool is_new, uint32_t row,
		      struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	if (!p->is_fixed)
		return false;
	item->key[0] = (uint64_t)p->file << 32 | p->module;
	item->key[1] =
		p->file && p->line ? p->line : (uint64_t)p->function << 32;
	item->key[2] = p->addr;
	return true;
}

static bool text_key(struct matching *m, bool is_new, uint32_t row,
		     struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	if (!p->text)
		return false;
	item->key[0] = (uint64_t)p->file << 32 | p->brief;
	item->key[1] = p->text;
	item->order = p->line;
	return true;
}

static bool file_text_key(struct matching *m, bool is_new, uint32_t row,
			  struct item *item)
{
	bool takes_part = text_key(m, is_new, row, item);

	item->key[0] = m->place[is_new][row].file;
	return takes_part;
}

/* All lines of a function, and those that must go by the function alone. */
static bool function_lines_key(struct matching *m, bool is_new, uint32_t row,
			       struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	if (p->is_fixed || !p->line)
		return false;
	item->key[0] = (uint64_t)p->file << 32 | p->brief;
	item->order = p->line;
	return true;
}

static bool unknown_text_key(struct matching *m, bool is_new, uint32_t row,
			     struct item *item)
{
	return !m->place[is_new][row].text &&
	       function_lines_key(m, is_new, row, item);
}

static bool no_line_key(struct matching *m, bool is_new, uint32_t row,
			struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	if (p->is_fixed || p->line || !p->function)
		return false;
	item->key[0] = (uint64_t)p->file << 32 | p->module;
	item->key[1] = p->function;
	return true;
}

static bool no_line_brief_key(struct matching *m, bool is_new, uint32_t row,
			      struct item *item)
{
	bool takes_part = no_line_key(m, is_new, row, item);

	item->key[1] = m->place[is_new][row].brief;
	return takes_part;
}

static bool may_be_same(const struct match_place *a,
			const struct match_place *b)
{
	return !a->text || !b->text || a->text == b->text;
}

/* The new row in the group that stands `shift` lines below an old one. */
static uint32_t row_at(const struct matching *m, const struct item *old,
		       const struct item *news, size_t count, int64_t shift)
{
	int64_t line = (int64_t)old->order + shift;

	for (size_t i = 0; i < count; i++) {
		uint32_t row = news[i].row;

		if ((int64_t)news[i].order == line &&
		    m->pair[1][row] == MATCH_NONE &&
		    may_be_same(&m->place[0][old->row], &m->place[1][row]))
			return row;
	}
	return MATCH_NONE;
}

/* How far the nearest line of the file that has a counterpart has moved. */
static bool nearest_shift(const struct matching *m, const struct item *old,
			  int64_t *shift)
{
	const struct match_place *at = &m->place[0][old->row];
	uint64_t best = UINT64_MAX;

	for (uint32_t i = 0; i < m->side[0]->count; i++) {
		const struct match_place *p = &m->place[0][i];
		uint64_t distance = p->line < at->line ? at->line - p->line
						       : p->line - at->line;

		if (m->pair[0][i] == MATCH_NONE || p->file != at->file ||
		    !p->line || p->is_fixed || distance >= best)
			continue;
		best = distance;
		*shift = (int64_t)m->place[1][m->pair[0][i]].line - p->line;
	}
	return best != UINT64_MAX;
}

static size_t fits(const struct matching *m, const struct item *group,
		   size_t olds, size_t news, int64_t shift)
{
	size_t n = 0;

	for (size_t i = 0; i < olds; i++)
		n += row_at(m, &group[i], group + olds, news, shift) !=
		     MATCH_NONE;
	return n;
}

static void match_shifted(struct matching *m, const struct item *group,
			  size_t olds, size_t news)
{
	const struct item *new = group + olds;
	int64_t shifts[4] = { 0 }, best = 0;
	size_t most = 0, n;
	uint32_t row;

	shifts[1] = (int64_t)(new->order - group->order);
	shifts[2] = (int64_t)(new[news - 1].order - group[olds - 1].order);
	if (!nearest_shift(m, group, &shifts[3]))
		shifts[3] = shifts[1];
	for (size_t i = 4; i--;) {
		n = fits(m, group, olds, news, shifts[i]);
		if (n > most) {
			most = n;
			best = shifts[i];
		}
	}
	for (size_t i = 0; most && i < olds; i++) {
		row = row_at(m, &group[i], new, news, best);
		if (row != MATCH_NONE)
			join(m, group[i].row, row);
	}
}

static void step_shifted(struct matching *m)
{
	size_t n = collect(m, function_lines_key), count, olds;

	for (size_t i = 0; i < n; i += count) {
		count = group_at(m, i, n, &olds);
		if (olds && olds < count)
			match_shifted(m, m->items + i, olds, count - olds);
	}
}

static void match_lines(struct matching *m)
{
	step(m, fixed_key, ORDER);
	step(m, text_key, EQUAL);
	step_shifted(m);
	step(m, text_key, ORDER);
	step(m, file_text_key, ALONE);
	step(m, unknown_text_key, EQUAL);
	step(m, no_line_key, ORDER);
	step(m, no_line_brief_key, ALONE);
}

/*
 * Functions, files, modules
 */

static bool function_key(struct matching *m, bool is_new, uint32_t row,
			 struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	item->key[0] = (uint64_t)p->file << 32 | p->module;
	item->key[1] = p->function;
	return true;
}

/* It moved to another file. */
static bool name_key(struct matching *m, bool is_new, uint32_t row,
		     struct item *item)
{
	item->key[1] = m->place[is_new][row].function;
	return item->key[1];
}

static bool brief_name_key(struct matching *m, bool is_new, uint32_t row,
			   struct item *item)
{
	item->key[0] = m->place[is_new][row].file;
	item->key[1] = m->place[is_new][row].brief;
	return item->key[1];
}

static void match_functions(struct matching *m)
{
	step(m, function_key, ORDER);
	step(m, name_key, ALONE);
	step(m, brief_name_key, ALONE);
}

/* What has no file goes by module. */
static bool file_key(struct matching *m, bool is_new, uint32_t row,
		     struct item *item)
{
	const struct match_place *p = &m->place[is_new][row];

	item->key[0] = p->file;
	item->key[1] = p->file ? 0 : p->module;
	return true;
}

static bool module_key(struct matching *m, bool is_new, uint32_t row,
		       struct item *item)
{
	item->key[0] = m->place[is_new][row].module;
	return true;
}

/*
 * Threads, processes, sizes, stacks
 */

static uint32_t process_name(struct matching *m, const struct query_row *row)
{
	return match_keys_text(&m->keys,
			       row->process ? row->process->name : NULL);
}

/* Ids differ from run to run: those of one name in the order they began. */
static bool thread_key(struct matching *m, bool is_new, uint32_t row,
		       struct item *item)
{
	const struct query_row *r = &m->side[is_new]->rows[row];
	const char *name = r->thread ? r->thread->name : NULL;

	item->key[0] = match_keys_text(&m->keys, name);
	item->key[1] = process_name(m, r);
	item->key[2] =
		m->keys.same_run && r->thread ? (uint32_t)r->thread->tid : 0;
	item->order = r->thread ? r->thread->start : 0;
	return true;
}

static bool process_key(struct matching *m, bool is_new, uint32_t row,
			struct item *item)
{
	const struct query_row *r = &m->side[is_new]->rows[row];

	item->key[0] = process_name(m, r);
	item->key[2] =
		m->keys.same_run && r->process ? (uint32_t)r->process->pid : 0;
	item->order = r->process ? r->process->start : 0;
	return true;
}

static bool type_key(struct matching *m, bool is_new, uint32_t row,
		     struct item *item)
{
	const char *type = m->side[is_new]->rows[row].type;

	item->key[0] = match_keys_text(&m->keys, type ? type : "(no objects)");
	return true;
}

static bool size_key(struct matching *m, bool is_new, uint32_t row,
		     struct item *item)
{
	const struct query_row *r = &m->side[is_new]->rows[row];

	item->key[0] = r->size_max;
	item->key[1] = r->size_shared;
	return true;
}

static void find_places(struct matching *m)
{
	for (int is_new = 0; is_new < 2; is_new++) {
		const struct match_side *s = m->side[is_new];

		m->place[is_new] = xcalloc(s->count + 1, sizeof(**m->place));
		for (size_t i = 0; i < s->count; i++)
			m->place[is_new][i] =
				match_keys_place(&m->keys, s->profile,
						 &s->rows[i].place, is_new);
	}
}

static void match(struct matching *m)
{
	switch (m->by) {
	case QUERY_BY_LINE:
		match_lines(m);
		break;
	case QUERY_BY_FUNCTION:
		match_functions(m);
		break;
	case QUERY_BY_FILE:
		step(m, file_key, ORDER);
		break;
	case QUERY_BY_MODULE:
		step(m, module_key, ORDER);
		break;
	case QUERY_BY_THREAD:
		step(m, thread_key, ORDER);
		break;
	case QUERY_BY_PROCESS:
		step(m, process_key, ORDER);
		break;
	case QUERY_BY_SIZE:
		step(m, size_key, ORDER);
		break;
	case QUERY_BY_TYPE:
		step(m, type_key, ORDER);
		break;
	case QUERY_BY_STACK:
	case QUERY_BYS:
		break;
	}
}

static uint32_t *no_pairs(size_t count)
{
	uint32_t *pair = xreallocarray(NULL, count + 1, sizeof(*pair));

	for (size_t i = 0; i < count; i++)
		pair[i] = MATCH_NONE;
	return pair;
}

uint32_t *match_rows(const struct match_side *old, const struct match_side *new,
		     enum query_by by)
{
	struct matching m = { .side = { old, new }, .by = by };

	m.pair[0] = no_pairs(old->count);
	m.pair[1] = no_pairs(new->count);
	match_keys_init(&m.keys, old->profile, new->profile);
	if (by == QUERY_BY_STACK) {
		match_stacks(&m.keys, old, new, m.pair[0]);
	} else {
		m.items =
			xcalloc(old->count + new->count + 1, sizeof(*m.items));
		find_places(&m);
		match(&m);
	}
	match_keys_release(&m.keys);
	free(m.place[0]);
	free(m.place[1]);
	free(m.pair[1]);
	free(m.items);
	return m.pair[0];
}
