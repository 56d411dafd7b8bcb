/*
 * marks - see marks.h.
 */
#include "trace/marks.h"

#include <stdlib.h>
#include <string.h>

#include "trace/column.h"
#include "trace/cursor.h"
#include "trace/xmalloc.h"

static void append(struct marks *m, const struct model_mark *mark, char *name)
{
	m->list = xgrow(m->list, &m->capacity, m->count + 1, sizeof(*m->list));
	m->list[m->count] = *mark;
	m->list[m->count++].name = name;
}

void marks_add(struct marks *m, const struct model_mark *mark)
{
	if (m->count == MARKS_MAX) {
		m->dropped++;
		return;
	}
	append(m, mark,
	       xmemdup(mark->name, strnlen(mark->name, MARKS_NAME_MAX)));
}

void marks_release(struct marks *m)
{
	for (size_t i = 0; i < m->count; i++)
		free((char *)m->list[i].name);
	free(m->list);
}

static void put(struct column *c, const struct model_mark *mark,
		uint64_t before)
{
	column_put(&c[MARKS_NUMBERS], mark->kind);
	column_put(&c[MARKS_NUMBERS], mark->source);
	column_put(&c[MARKS_NUMBERS], (uint64_t)((int64_t)mark->process + 1));
	column_put(&c[MARKS_NUMBERS], mark->time);
	column_put(&c[MARKS_NUMBERS], mark->events - before);
	column_put_string(&c[MARKS_STRINGS], mark->name);
}

int marks_write(struct marks *m, struct writer *w, struct err *err)
{
	struct column c[MARKS_COLUMNS] = { 0 };
	uint64_t before = 0;
	int ret;

	if (m->written == m->count)
		return 0;
	column_put(&c[MARKS_HEAD], m->written);
	column_put(&c[MARKS_HEAD], m->count - m->written);
	for (; m->written < m->count; m->written++) {
		put(c, &m->list[m->written], before);
		before = m->list[m->written].events;
	}
	ret = writer_block(w, FORMAT_MARKS, c, MARKS_COLUMNS, err);
	columns_release(c, MARKS_COLUMNS);
	return ret;
}

static bool get(struct cursor *c, struct model_mark *mark, uint64_t *before)
{
	struct cursor *n = &c[MARKS_NUMBERS];
	uint64_t kind = cursor_get(n), source = cursor_get(n);

	mark->kind = (enum model_mark_kind)kind;
	mark->source = (enum model_mark_source)source;
	mark->process = (int32_t)(cursor_get(n) - 1);
	mark->time = cursor_get(n);
	*before += cursor_get(n);
	mark->events = *before;
	return !n->bad && kind < MODEL_MARK_KINDS &&
	       source < MODEL_MARK_SOURCES;
}

bool marks_read(struct marks *m, const uint8_t *payload, size_t size,
		uint64_t *budget)
{
	struct cursor c[MARKS_COLUMNS];
	uint64_t count, before = 0;

	if (!cursors_open(c, MARKS_COLUMNS, payload, size))
		return false;
	cursor_get(&c[MARKS_HEAD]);
	count = cursor_get(&c[MARKS_HEAD]);
	for (uint64_t i = 0; i < count; i++) {
		struct model_mark mark;
		uint64_t cost = sizeof(mark);
		char *name;

		if (!get(c, &mark, &before))
			return false;
		name = cursor_string(&c[MARKS_STRINGS]);
		cost += name ? strlen(name) : 0;
		if (!name || cost > *budget || m->count == MARKS_MAX) {
			free(name);
			return false;
		}
		*budget -= cost;
		append(m, &mark, name);
	}
	return true;
}
