/*
 * Design
 * ------
 * A call is coded against the one that stood at the same place of the chain,
 * counted from its outer end, one frame earlier. Its function is 0 none, 1 the
 * same, 2 the next of the block's functions, or its number + 3; its file
 * likewise; its line is the zigzag difference. For a frame of the same function
 * that is two bytes of 1 and a small one, which zstd takes to next to nothing:
 * 30,000 frames of cc1plus and their 6,000 names take 60 KB.
 *
 * Names are kept as the linker has them. They are shorter than what people
 * read, and better demanglers will come.
 */
#include "trace/portable.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "trace/blocks.h"
#include "trace/cursor.h"
#include "trace/format.h"
#include "trace/xmalloc.h"

enum {
	BUDGET = 16 << 20, /* bytes of payloads, and: */
	BUDGET_A_BYTE = 64, /* for each byte of the file */
};

/*
 * The order
 */

static bool has_name(const struct model_frame *f)
{
	return f->kind == MODEL_FRAME_CODE || f->kind == MODEL_FRAME_UNKNOWN;
}

static int compare_frames(const void *a, const void *b, void *frames)
{
	const struct model_frame *all = frames;
	const struct model_frame *x = &all[*(const uint32_t *)a];
	const struct model_frame *y = &all[*(const uint32_t *)b];

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->module != y->module)
		return x->module < y->module ? -1 : 1;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->flags < y->flags ? -1 : x->flags > y->flags;
}

uint32_t *portable_order(const struct trace *t, size_t *count)
{
	size_t n, used = 0;
	const struct model_frame *frames = trace_frames(t, &n);
	uint32_t *order = xcalloc(n + 1, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		if (has_name(&frames[i]))
			order[used++] = (uint32_t)i;
	if (used)
		qsort_r(order, used, sizeof(*order), compare_frames,
			(void *)frames);
	*count = used;
	return order;
}

uint64_t portable_checksum(const struct trace *t, const uint32_t *order,
			   size_t count)
{
	size_t n;
	const struct model_frame *frames = trace_frames(t, &n);
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct model_frame *f = &frames[order[i]];
		const uint64_t words[2] = { f->addr, (uint64_t)f->module << 32 |
							     f->flags << 8 |
							     f->kind };

		sum = XXH3_64bits_withSeed(words, sizeof(words), sum);
	}
	return sum;
}

/*
 * Reading
 */

struct range {
	uint32_t first; /* call */
	uint32_t count;
};

struct portable {
	uint8_t **payloads; /* owned: strings stand in them */
	size_t payload_count, payload_capacity;
	uint64_t budget; /* bytes of payloads that may still be kept */
	struct portable_call *calls; /* owned */
	size_t call_count, call_capacity;
	struct range *ranges; /* by number of frame, owned */
	size_t frame_count;
	uint8_t *states; /* by number of module, owned */
	size_t module_count;
	uint32_t flags;
};

/* A block while it is read. */
struct block {
	struct cursor columns[PORTABLE_COLUMNS];
	const char **functions, **files; /* owned */
	size_t function_count, file_count;
	size_t next_function, next_file;
	struct portable_last last[PORTABLE_PLACES];
};

/* Pointers to the strings of a column, caller frees; NULL when it lies. */
static const char **list_strings(const struct cursor *c, size_t *count)
{
	size_t capacity = 0, used = 0;
	const char **list = xgrow(NULL, &capacity, 1, sizeof(*list));
	const uint8_t *end;

	for (const uint8_t *at = c->at; at < c->end; at = end + 1) {
		end = memchr(at, 0, (size_t)(c->end - at));
		if (!end) {
			free(list);
			return NULL;
		}
		list = xgrow(list, &capacity, used + 1, sizeof(*list));
		list[used++] = (const char *)at;
	}
	*count = used;
	return list;
}

/* The number + 1 that a code stands for; 0 none, and on a lie sets `bad`. */
static uint32_t number_of(struct cursor *c, uint32_t last, size_t *next,
			  size_t count)
{
	uint64_t code = cursor_get(c);
	uint64_t number = 0;

	if (code == PORTABLE_SAME)
		number = last;
	else if (code == PORTABLE_NEXT)
		number = ++*next;
	else if (code)
		number = code - PORTABLE_GIVEN + 1;
	if (number <= count)
		return (uint32_t)number;
	c->bad = true;
	return 0;
}

static void read_call(struct block *b, struct portable_last *last,
		      struct portable_call *call)
{
	struct cursor *c = b->columns;
	uint64_t line = last->line;

	last->function = number_of(&c[PORTABLE_CALL_FUNCTIONS], last->function,
				   &b->next_function, b->function_count);
	last->file = number_of(&c[PORTABLE_CALL_FILES], last->file,
			       &b->next_file, b->file_count);
	line += (uint64_t)cursor_unzigzag(cursor_get(&c[PORTABLE_CALL_LINES]));
	last->line = (uint32_t)line;
	*call = (struct portable_call){
		.function = last->function ? b->functions[last->function - 1]
					   : NULL,
		.file = last->file ? b->files[last->file - 1] : NULL,
		.line = last->line,
	};
}

static bool read_frame(struct portable *p, struct block *b, uint32_t frame)
{
	struct cursor *c = b->columns;
	uint64_t count = cursor_get(&c[PORTABLE_COUNTS]);
	size_t first = p->call_count;

	if (count > PORTABLE_DEPTH || first > UINT32_MAX - PORTABLE_DEPTH)
		return false;
	p->calls = xgrow(p->calls, &p->call_capacity, first + count,
			 sizeof(*p->calls));
	for (size_t i = count; i--;)
		read_call(b, portable_place(b->last, count - 1 - i),
			  &p->calls[first + i]);
	if (c[PORTABLE_COUNTS].bad || c[PORTABLE_CALL_FUNCTIONS].bad ||
	    c[PORTABLE_CALL_FILES].bad || c[PORTABLE_CALL_LINES].bad)
		return false;
	p->call_count += count;
	p->ranges[frame] = (struct range){ .first = (uint32_t)first,
					   .count = (uint32_t)count };
	return true;
}

static void read_states(struct portable *p, const struct cursor *c)
{
	if (cursor_left(c) != p->module_count)
		return;
	for (size_t i = 0; i < p->module_count; i++)
		if (c->at[i] < PORTABLE_STATES)
			p->states[i] = c->at[i];
}

/* Is the block for the frames that this trace has? */
static bool read_head(struct portable *p, struct block *b,
		      const struct trace *t, const uint32_t *order,
		      uint64_t range[2])
{
	struct cursor *head = &b->columns[PORTABLE_HEAD];
	uint64_t sum;

	range[0] = cursor_get(head);
	range[1] = cursor_get(head);
	sum = cursor_get(head);
	p->flags = (uint32_t)cursor_get(head);
	return !head->bad && range[0] <= p->frame_count &&
	       range[1] <= p->frame_count - range[0] &&
	       range[1] <= cursor_left(&b->columns[PORTABLE_COUNTS]) &&
	       portable_checksum(t, order + range[0], range[1]) == sum;
}

static bool read_block(struct portable *p, const struct trace *t,
		       const uint32_t *order, const uint8_t *payload,
		       size_t size)
{
	struct block b = { 0 };
	uint64_t range[2];
	bool ok = false;

	if (!cursors_open(b.columns, PORTABLE_COLUMNS, payload, size) ||
	    !read_head(p, &b, t, order, range))
		return false;
	read_states(p, &b.columns[PORTABLE_MODULES]);
	b.functions =
		list_strings(&b.columns[PORTABLE_FUNCTIONS], &b.function_count);
	b.files = list_strings(&b.columns[PORTABLE_FILES], &b.file_count);
	if (b.functions && b.files) {
		ok = true;
		for (uint64_t i = 0; i < range[1] && ok; i++)
			ok = read_frame(p, &b, order[range[0] + i]);
	}
	free(b.functions);
	free(b.files);
	return ok;
}

/* A copy of the payload that lives as long as `p`; NULL when it is too much. */
static const uint8_t *keep(struct portable *p, const uint8_t *payload,
			   size_t size)
{
	if (!payload || size > p->budget)
		return NULL;
	p->budget -= size;
	p->payloads = xgrow(p->payloads, &p->payload_capacity,
			    p->payload_count + 1, sizeof(*p->payloads));
	p->payloads[p->payload_count++] = (uint8_t *)xmemdup(payload, size);
	return p->payloads[p->payload_count - 1];
}

static void read_blocks(struct portable *p, const struct trace *t,
			const struct blocks *blocks)
{
	struct blocks_loader loader = { 0 };
	uint32_t *order = NULL;
	size_t count = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		const struct format_block *head = &blocks->list[i].head;
		const uint8_t *payload;

		if (head->type != FORMAT_SYMBOLS)
			continue;
		if (!order)
			order = portable_order(t, &count);
		p->frame_count = count;
		payload = keep(p, blocks_load(blocks, i, &loader), head->raw);
		if (payload)
			read_block(p, t, order, payload, head->raw);
	}
	free(order);
	trace_frames(t, &p->frame_count);
	blocks_loader_release(&loader);
}

struct portable *portable_open(const struct trace *t)
{
	const struct blocks *blocks = trace_blocks(t);
	struct portable *p = xcalloc(1, sizeof(*p));

	trace_frames(t, &p->frame_count);
	trace_modules(t, &p->module_count);
	p->ranges = xcalloc(p->frame_count + 1, sizeof(*p->ranges));
	p->states = xcalloc(p->module_count + 1, 1);
	p->budget = BUDGET + BUDGET_A_BYTE * blocks->size;
	read_blocks(p, t, blocks);
	if (p->payload_count)
		return p;
	portable_close(p);
	return NULL;
}

void portable_close(struct portable *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->payload_count; i++)
		free(p->payloads[i]);
	free(p->payloads);
	free(p->calls);
	free(p->ranges);
	free(p->states);
	free(p);
}

size_t portable_calls(const struct portable *p, uint32_t frame,
		      const struct portable_call **calls)
{
	if (frame >= p->frame_count || !p->ranges[frame].count)
		return 0;
	*calls = p->calls + p->ranges[frame].first;
	return p->ranges[frame].count;
}

enum portable_state portable_state(const struct portable *p, uint32_t module)
{
	return module < p->module_count ? p->states[module] : PORTABLE_UNUSED;
}

uint32_t portable_flags(const struct portable *p)
{
	return p->flags;
}
