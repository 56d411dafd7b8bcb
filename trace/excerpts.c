/*
 * excerpts - see excerpts.h.
 *
 * The first block that has a file has all that is kept of it. Pointers to the
 * lines are made when the trace's excerpts are opened: their number is bounded
 * by the bytes of the payloads, which are bounded by the file.
 */
#include "trace/excerpts.h"

#include <stdlib.h>
#include <string.h>

#include "trace/blocks.h"
#include "trace/cursor.h"
#include "trace/format.h"
#include "trace/index.h"
#include "trace/xmalloc.h"

enum {
	BUDGET = 16 << 20, /* bytes of payloads, and: */
	BUDGET_A_BYTE = 64, /* for each byte of the file */
};

/* Lines `first` and on of a file, in `lines` from `start` on. */
struct range {
	uint32_t first, count;
	size_t start;
};

struct file {
	const char *path;
	uint32_t flags;
	size_t first_range, range_count;
};

struct excerpts {
	uint8_t **payloads; /* owned: all text stands in them */
	size_t payload_count, payload_capacity;
	uint64_t budget;
	struct file *files; /* owned, as the arrays that follow */
	size_t file_count, file_capacity;
	struct range *ranges;
	size_t range_count, range_capacity;
	const char **lines;
	size_t line_count, line_capacity;
	struct index index; /* of files, by path */
};

void excerpts_put_file(struct column *c, const char *path, uint32_t flags,
		       size_t ranges)
{
	column_put_bytes(&c[EXCERPTS_FILES], path, strlen(path) + 1);
	column_put(&c[EXCERPTS_NUMBERS], flags);
	column_put(&c[EXCERPTS_NUMBERS], ranges);
}

void excerpts_put_range(struct column *c, uint32_t skipped, uint32_t lines)
{
	column_put(&c[EXCERPTS_NUMBERS], skipped);
	column_put(&c[EXCERPTS_NUMBERS], lines);
}

void excerpts_put_line(struct column *c, const char *line)
{
	column_put_bytes(&c[EXCERPTS_TEXT], line, strlen(line) + 1);
}

/* The next string of a column, NULL when there is none. */
static const char *get_text(struct cursor *c)
{
	const uint8_t *at = c->at;
	const uint8_t *end = memchr(at, 0, cursor_left(c));

	if (!end) {
		c->bad = true;
		return NULL;
	}
	c->at = end + 1;
	return (const char *)at;
}

static uint64_t hash_of(const char *path)
{
	return index_hash_bytes(path, strlen(path));
}

static uint64_t hash_file(const void *table, uint32_t number)
{
	return hash_of(((const struct excerpts *)table)->files[number].path);
}

static const struct file *find(const struct excerpts *e, const char *path)
{
	uint32_t id;

	if (!e)
		return NULL;
	for (size_t at = index_start(&e->index, hash_of(path));
	     (id = index_at(&e->index, at)); at = index_next(&e->index, at))
		if (!strcmp(e->files[id - 1].path, path))
			return &e->files[id - 1];
	return NULL;
}

/* Lines are counted from `*line`, the first behind the range before. */
static bool read_range(struct excerpts *e, struct cursor *c, uint64_t *line)
{
	uint64_t skipped = cursor_get(&c[EXCERPTS_NUMBERS]);
	uint64_t count = cursor_get(&c[EXCERPTS_NUMBERS]);
	size_t start = e->line_count;

	if (c[EXCERPTS_NUMBERS].bad || skipped > UINT32_MAX - *line ||
	    count > cursor_left(&c[EXCERPTS_TEXT]) ||
	    count > UINT32_MAX - *line - skipped)
		return false;
	e->ranges = xgrow(e->ranges, &e->range_capacity, e->range_count + 1,
			  sizeof(*e->ranges));
	e->ranges[e->range_count++] =
		(struct range){ .first = (uint32_t)(*line + skipped),
				.count = (uint32_t)count,
				.start = start };
	*line += skipped + count;
	e->lines = xgrow(e->lines, &e->line_capacity, start + count,
			 sizeof(*e->lines));
	for (uint64_t i = 0; i < count; i++) {
		const char *text = get_text(&c[EXCERPTS_TEXT]);

		if (!text)
			return false;
		e->lines[e->line_count++] = text;
	}
	return true;
}

static bool read_file(struct excerpts *e, struct cursor *c)
{
	const char *path = get_text(&c[EXCERPTS_FILES]);
	uint64_t flags = cursor_get(&c[EXCERPTS_NUMBERS]);
	uint64_t ranges = cursor_get(&c[EXCERPTS_NUMBERS]);
	size_t before = e->range_count;
	uint64_t line = 1;

	if (!path || c[EXCERPTS_NUMBERS].bad)
		return false;
	for (uint64_t i = 0; i < ranges; i++) {
		if (read_range(e, c, &line))
			continue;
		e->range_count = before;
		return false;
	}
	if (find(e, path) || e->file_count == UINT32_MAX - 1)
		return true;
	e->files = xgrow(e->files, &e->file_capacity, e->file_count + 1,
			 sizeof(*e->files));
	e->files[e->file_count++] = (struct file){
		.path = path,
		.flags = (uint32_t)flags,
		.first_range = before,
		.range_count = e->range_count - before,
	};
	index_add(&e->index, (uint32_t)e->file_count - 1, e, hash_file);
	return true;
}

static void read_block(struct excerpts *e, const uint8_t *payload, size_t size)
{
	struct cursor c[EXCERPTS_COLUMNS];
	uint8_t *copy;

	if (!payload || size > e->budget)
		return;
	e->budget -= size;
	copy = (uint8_t *)xmemdup(payload, size);
	e->payloads = xgrow(e->payloads, &e->payload_capacity,
			    e->payload_count + 1, sizeof(*e->payloads));
	e->payloads[e->payload_count++] = copy;
	if (!cursors_open(c, EXCERPTS_COLUMNS, copy, size))
		return;
	while (cursor_left(&c[EXCERPTS_FILES]))
		if (!read_file(e, c))
			return;
}

struct excerpts *excerpts_open(const struct trace *t)
{
	const struct blocks *blocks = trace_blocks(t);
	struct blocks_loader loader = { 0 };
	struct excerpts *e = xcalloc(1, sizeof(*e));

	e->budget = BUDGET + BUDGET_A_BYTE * blocks->size;
	for (size_t i = 0; i < blocks->count; i++) {
		const struct format_block *head = &blocks->list[i].head;

		if (head->type == FORMAT_SOURCES)
			read_block(e, blocks_load(blocks, i, &loader),
				   head->raw);
	}
	blocks_loader_release(&loader);
	if (e->file_count)
		return e;
	excerpts_close(e);
	return NULL;
}

void excerpts_close(struct excerpts *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->payload_count; i++)
		free(e->payloads[i]);
	free(e->payloads);
	free(e->files);
	free(e->ranges);
	free(e->lines);
	index_release(&e->index);
	free(e);
}

bool excerpts_has(const struct excerpts *e, const char *file, uint32_t *flags)
{
	const struct file *f = find(e, file);

	if (f && flags)
		*flags = f->flags;
	return f;
}

const char *excerpts_line(const struct excerpts *e, const char *file,
			  uint32_t line)
{
	const struct file *f = find(e, file);
	size_t low = 0, high = f ? f->range_count : 0;

	/* Ranges do not overlap, and stand from top to bottom. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *r = &e->ranges[f->first_range + middle];

		if (line < r->first)
			high = middle;
		else if (line - r->first >= r->count)
			low = middle + 1;
		else
			return e->lines[r->start + line - r->first];
	}
	return NULL;
}
