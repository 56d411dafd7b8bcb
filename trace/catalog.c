/*
 * catalog - see catalog.h.
 */
#include "trace/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "trace/cursor.h"
#include "trace/guess.h"
#include "trace/tables.h"
#include "trace/xmalloc.h"

enum {
	BUDGET = 64 << 20, /* bytes, and: */
	BUDGET_A_BYTE = 512, /* for each byte of the file */
	PROCESSES_MAX = 65536, /* far more than a ring has room for */
};

void catalog_init(struct catalog *c, uint64_t size)
{
	*c = (struct catalog){ .budget = BUDGET + BUDGET_A_BYTE * size };
	c->frames = xgrow(NULL, &c->frame_capacity, 1, sizeof(*c->frames));
	c->frames[c->frame_count++] =
		(struct model_frame){ .kind = MODEL_FRAME_NO_INFO };
	c->nodes = xgrow(NULL, &c->node_capacity, 1, sizeof(*c->nodes));
	c->nodes[c->node_count++] = (struct model_node){ 0 };
}

static void release_process(struct model_process *p)
{
	free((char *)p->name);
	free((char *)p->exe);
	free((char *)p->note);
	free((char *)p->limits);
}

static void release_code(struct model_code *c)
{
	free((char *)c->file);
	free((char *)c->name);
	free((char *)c->qualified);
	free((uint8_t *)c->lines);
}

void catalog_release(struct catalog *c)
{
	for (size_t i = 0; i < c->process_count; i++)
		release_process(&c->processes[i]);
	for (size_t i = 0; i < c->thread_count; i++)
		free((char *)c->threads[i].name);
	for (size_t i = 0; i < c->module_count; i++) {
		free((char *)c->modules[i].path);
		free((uint8_t *)c->modules[i].build_id);
	}
	for (size_t i = 0; i < c->code_count; i++)
		release_code(&c->codes[i]);
	free(c->processes);
	free(c->threads);
	free(c->modules);
	free(c->codes);
	free(c->frames);
	free(c->nodes);
	free(c->sites);
}

/* Takes memory for `n` entries out of what the file may cost. */
static bool spend(struct catalog *c, uint64_t n, size_t size)
{
	uint64_t cost;

	if (__builtin_mul_overflow(n, size, &cost) || cost > c->budget)
		return false;
	c->budget -= cost;
	return true;
}

struct growing {
	void *array;
	size_t *count, *capacity;
	size_t size; /* of an entry */
};

/*
 * The array with room for entries up to `first` + `count`; those before
 * `first` that are missing are zeroed and counted. NULL when the block lies.
 */
static void *make_room(struct catalog *c, struct growing g,
		       const uint64_t range[2])
{
	uint64_t first = range[0], count = range[1], end;
	size_t have = *g.count;

	if (first < have || __builtin_add_overflow(first, count, &end) ||
	    end >= UINT32_MAX || !spend(c, end - have, g.size))
		return NULL;
	g.array = xgrow(g.array, g.capacity, end, g.size);
	if (end > have)
		memset((char *)g.array + have * g.size, 0,
		       (end - have) * g.size);
	*g.count = first;
	return g.array;
}

#define MAKE_ROOM(c, table, n, range)                                          \
	make_room(c,                                                           \
		  (struct growing){ (c)->table, &(c)->n##_count,               \
				    &(c)->n##_capacity, sizeof(*(c)->table) }, \
		  range)

/* The head of a block of a table. */
static bool get_range(struct cursor *head, uint64_t range[2])
{
	range[0] = cursor_get(head);
	range[1] = cursor_get(head);
	return !head->bad;
}

static char *get_name(struct catalog *c, struct cursor *strings)
{
	char *name = cursor_string(strings);

	if (name && spend(c, strlen(name) + 1, 1))
		return name;
	free(name);
	strings->bad = true;
	return NULL;
}

/* The same, but NULL when it is empty. */
static char *get_optional(struct catalog *c, struct cursor *strings)
{
	char *text = get_name(c, strings);

	if (text && text[0])
		return text;
	free(text);
	return NULL;
}

static void get_process_strings(struct catalog *c, struct cursor *strings,
				struct model_process *p)
{
	release_process(p);
	p->name = get_name(c, strings);
	p->exe = get_optional(c, strings);
	p->note = get_optional(c, strings);
	p->limits = get_optional(c, strings);
}

static bool read_processes(struct catalog *c, struct cursor *columns)
{
	struct cursor *n = &columns[TABLES_NUMBERS];
	struct cursor *strings = &columns[TABLES_STRINGS];
	uint64_t range[2];
	void *room;

	if (!get_range(&columns[TABLES_HEAD], range) ||
	    range[1] > cursor_left(n) || range[0] > PROCESSES_MAX ||
	    range[1] > PROCESSES_MAX - range[0])
		return false;
	room = MAKE_ROOM(c, processes, process, range);
	if (!room)
		return false;
	c->processes = room;
	for (uint64_t i = 0; i < range[1]; i++) {
		struct model_process *p = &c->processes[c->process_count++];
		uint64_t origin;

		p->pid = (int32_t)cursor_get(n);
		p->parent = (int32_t)(cursor_get(n) - 1);
		origin = cursor_get(n);
		p->origin = origin <= MODEL_ORIGIN_ATTACH
				    ? (enum model_origin)origin
				    : MODEL_ORIGIN_RUN;
		p->start = cursor_get(n);
		p->end = cursor_get(n);
		get_process_strings(c, strings, p);
	}
	return !n->bad && !strings->bad;
}

static bool read_threads(struct catalog *c, struct cursor *columns)
{
	struct cursor *n = &columns[TABLES_NUMBERS];
	struct cursor *strings = &columns[TABLES_STRINGS];
	uint64_t range[2];
	void *room;

	if (!get_range(&columns[TABLES_HEAD], range) ||
	    range[1] > cursor_left(n))
		return false;
	room = MAKE_ROOM(c, threads, thread, range);
	if (!room)
		return false;
	c->threads = room;
	for (uint64_t i = 0; i < range[1]; i++) {
		struct model_thread *t = &c->threads[c->thread_count++];

		t->process = (uint32_t)cursor_get(n);
		t->tid = (int32_t)cursor_get(n);
		t->start = cursor_get(n);
		t->end = cursor_get(n);
		t->name = get_name(c, strings);
	}
	return !n->bad && !strings->bad;
}

static bool read_modules(struct catalog *c, struct cursor *columns)
{
	struct cursor *n = &columns[TABLES_NUMBERS];
	struct cursor *strings = &columns[TABLES_STRINGS];
	uint64_t range[2];
	void *room;

	if (!get_range(&columns[TABLES_HEAD], range) ||
	    range[1] > cursor_left(n))
		return false;
	room = MAKE_ROOM(c, modules, module, range);
	if (!room)
		return false;
	c->modules = room;
	for (uint64_t i = 0; i < range[1] && !strings->bad; i++) {
		struct model_module *m = &c->modules[c->module_count++];
		const uint8_t *id;

		m->bias = cursor_get(n);
		m->size = cursor_get(n);
		m->is_agent = cursor_get(n);
		m->build_id_size = (uint32_t)cursor_get(n);
		m->path = get_name(c, strings);
		id = cursor_bytes(strings, m->build_id_size);
		if (id)
			m->build_id = (uint8_t *)xmemdup(id, m->build_id_size);
		else
			m->build_id_size = 0;
	}
	return !n->bad && !strings->bad;
}

static void get_code(struct catalog *c, struct cursor *columns,
		     struct model_code *code)
{
	struct cursor *n = &columns[TABLES_NUMBERS];
	struct cursor *strings = &columns[TABLES_STRINGS];
	uint64_t form;
	const uint8_t *lines;

	code->first_line = (uint32_t)cursor_get(n);
	form = cursor_get(n);
	code->lines_size = (uint32_t)cursor_get(n);
	code->file = get_name(c, strings);
	code->name = get_name(c, strings);
	code->qualified = get_name(c, strings);
	lines = cursor_bytes(strings, code->lines_size);
	if (lines && form < MODEL_CODE_FORMS && spend(c, code->lines_size, 1)) {
		code->form = (enum model_code_form)form;
		code->lines = (uint8_t *)xmemdup(lines, code->lines_size);
	} else {
		code->lines_size = 0;
		strings->bad = true;
	}
}

static bool read_codes(struct catalog *c, struct cursor *columns)
{
	uint64_t range[2];
	void *room;

	if (!get_range(&columns[TABLES_HEAD], range) ||
	    range[1] > cursor_left(&columns[TABLES_NUMBERS]))
		return false;
	room = MAKE_ROOM(c, codes, code, range);
	if (!room)
		return false;
	c->codes = room;
	for (uint64_t i = 0; i < range[1] && !columns[TABLES_STRINGS].bad; i++)
		get_code(c, columns, &c->codes[c->code_count++]);
	return !columns[TABLES_NUMBERS].bad && !columns[TABLES_STRINGS].bad;
}

static bool read_frames(struct catalog *c, struct cursor *columns)
{
	struct cursor *kinds = &columns[TABLES_FRAME_KINDS];
	struct cursor *addrs = &columns[TABLES_FRAME_ADDRS];
	uint64_t range[2];
	uint64_t addr = 0;
	void *room;

	if (!get_range(&columns[TABLES_FRAME_HEAD], range) ||
	    range[1] > cursor_left(kinds))
		return false;
	room = MAKE_ROOM(c, frames, frame, range);
	if (!room)
		return false;
	c->frames = room;
	for (uint64_t i = 0; i < range[1]; i++) {
		struct model_frame *f = &c->frames[c->frame_count++];
		uint8_t kind = *kinds->at++;

		f->kind = (kind & 15) <= MODEL_FRAME_PYTHON
				  ? (enum model_frame_kind)(kind & 15)
				  : MODEL_FRAME_NO_INFO;
		f->flags = kind >> 4;
		f->module =
			(uint32_t)cursor_get(&columns[TABLES_FRAME_MODULES]);
		addr += (uint64_t)cursor_unzigzag(cursor_get(addrs));
		f->addr = addr;
	}
	return !addrs->bad && !columns[TABLES_FRAME_MODULES].bad;
}

/* One node; false when it lies. */
static bool get_node(struct catalog *c, struct cursor *columns, struct guess *g)
{
	uint64_t back = cursor_get(&columns[TABLES_NODE_PARENTS]);
	uint64_t given = cursor_get(&columns[TABLES_NODE_FRAMES]);
	struct model_node *n = &c->nodes[c->node_count];
	uint64_t frame;

	if (columns[TABLES_NODE_PARENTS].bad ||
	    columns[TABLES_NODE_FRAMES].bad || back >= c->node_count)
		return false;
	n->parent = (uint32_t)(c->node_count - 1 - back);
	g->last = c->nodes[n->parent].frame;
	frame = given ? given - 1 : guess_next(g);
	if (frame >= c->frame_count)
		return false;
	n->frame = (uint32_t)frame;
	guess_learn(g, n->frame);
	c->node_count++;
	return true;
}

static bool read_nodes(struct catalog *c, struct cursor *columns)
{
	struct guess g = { 0 };
	uint64_t range[2];
	bool ok = true;
	void *room;

	if (!get_range(&columns[TABLES_NODE_HEAD], range) ||
	    range[1] > cursor_left(&columns[TABLES_NODE_PARENTS]))
		return false;
	g.newest = (uint32_t)cursor_get(&columns[TABLES_NODE_HEAD]);
	room = MAKE_ROOM(c, nodes, node, range);
	if (!room)
		return false;
	c->nodes = room;
	for (uint64_t i = 0; i < range[1] && ok; i++)
		ok = get_node(c, columns, &g);
	c->node_count = range[0] + range[1];
	guess_release(&g);
	return ok;
}

static bool read_sites(struct catalog *c, struct cursor *columns)
{
	struct cursor *kinds = &columns[TABLES_SITE_KINDS];
	struct cursor *nodes = &columns[TABLES_SITE_NODES];
	uint64_t range[2];
	uint64_t node = 0;
	void *room;

	if (!get_range(&columns[TABLES_SITE_HEAD], range) ||
	    range[1] > cursor_left(kinds))
		return false;
	room = MAKE_ROOM(c, sites, site, range);
	if (!room)
		return false;
	c->sites = room;
	for (uint64_t i = 0; i < range[1]; i++) {
		struct model_site *s = &c->sites[c->site_count++];
		uint8_t kind = *kinds->at++;

		node += (uint64_t)cursor_unzigzag(cursor_get(nodes));
		s->node = node < UINT32_MAX ? (uint32_t)node : UINT32_MAX;
		s->size = cursor_get(&columns[TABLES_SITE_SIZES]);
		s->kind = kind & 1;
		s->exact = !(kind & 2);
	}
	return !nodes->bad && !columns[TABLES_SITE_SIZES].bad;
}

static bool update_process(struct catalog *c, struct cursor *columns)
{
	uint64_t number = cursor_get(&columns[TABLES_NUMBERS]);
	uint64_t end = cursor_get(&columns[TABLES_NUMBERS]);
	struct model_process spare = { 0 };
	struct model_process *p = &spare;

	if (number < c->process_count)
		p = &c->processes[number];
	p->end = end;
	get_process_strings(c, &columns[TABLES_STRINGS], p);
	release_process(&spare);
	return number < c->process_count;
}

static bool update_thread(struct catalog *c, struct cursor *columns)
{
	uint64_t number = cursor_get(&columns[TABLES_NUMBERS]);
	uint64_t end = cursor_get(&columns[TABLES_NUMBERS]);
	char *name = get_name(c, &columns[TABLES_STRINGS]);

	if (number >= c->thread_count) {
		free(name);
		return false;
	}
	c->threads[number].end = end;
	free((char *)c->threads[number].name);
	c->threads[number].name = name;
	return true;
}

static bool read_updates(struct catalog *c, struct cursor *columns)
{
	struct cursor *n = &columns[TABLES_NUMBERS];
	bool ok = true;

	while (cursor_left(n) && !columns[TABLES_STRINGS].bad) {
		switch ((enum tables_update)cursor_get(n)) {
		case TABLES_UPDATE_PROCESS:
			ok &= update_process(c, columns);
			break;
		case TABLES_UPDATE_THREAD:
			ok &= update_thread(c, columns);
			break;
		case TABLES_UPDATE_RUN:
			c->pid = (int32_t)cursor_get(n);
			break;
		default:
			return false;
		}
	}
	return ok && !n->bad && !columns[TABLES_STRINGS].bad;
}

bool catalog_read(struct catalog *c, enum format_block_type type,
		  const uint8_t *payload, size_t size)
{
	static const struct {
		size_t columns;
		bool (*read)(struct catalog *c, struct cursor *columns);
	} readers[] = {
		[FORMAT_PROCESSES] = { TABLES_COLUMNS, read_processes },
		[FORMAT_THREADS] = { TABLES_COLUMNS, read_threads },
		[FORMAT_MODULES] = { TABLES_COLUMNS, read_modules },
		[FORMAT_FRAMES] = { TABLES_FRAME_COLUMNS, read_frames },
		[FORMAT_NODES] = { TABLES_NODE_COLUMNS, read_nodes },
		[FORMAT_SITES] = { TABLES_SITE_COLUMNS, read_sites },
		[FORMAT_UPDATES] = { TABLES_COLUMNS, read_updates },
		[FORMAT_CODES] = { TABLES_COLUMNS, read_codes },
	};
	struct cursor columns[TABLES_FRAME_COLUMNS];

	if (type >= sizeof(readers) / sizeof(readers[0]) || !readers[type].read)
		return true;
	return cursors_open(columns, readers[type].columns, payload, size) &&
	       readers[type].read(c, columns);
}

static bool finish_processes(struct catalog *c)
{
	bool ok = true;

	if (!c->process_count && c->thread_count) {
		c->processes = xgrow(NULL, &c->process_capacity, 1,
				     sizeof(*c->processes));
		c->processes[c->process_count++] =
			(struct model_process){ .parent = MODEL_NONE };
	}
	for (size_t i = 0; i < c->process_count; i++) {
		struct model_process *p = &c->processes[i];

		if (!p->name)
			p->name = xstrdup("?");
		if (p->parent < (int32_t)i && p->parent >= MODEL_NONE)
			continue;
		p->parent = MODEL_NONE;
		ok = false;
	}
	for (size_t i = 0; i < c->thread_count; i++) {
		struct model_thread *t = &c->threads[i];

		if (!t->name)
			t->name = xstrdup("?");
		if (t->process < c->process_count)
			continue;
		t->process = 0;
		ok = false;
	}
	return ok;
}

static void finish_code(struct model_code *code)
{
	if (!code->file)
		code->file = xstrdup("?");
	if (!code->name)
		code->name = xstrdup("?");
	if (!code->qualified)
		code->qualified = xstrdup("");
	if (!code->lines)
		code->lines = (uint8_t *)xstrdup("");
}

static bool frame_is_good(const struct catalog *c, const struct model_frame *f)
{
	switch (f->kind) {
	case MODEL_FRAME_CODE:
		return f->module < c->module_count;
	case MODEL_FRAME_THREAD:
		return f->addr < c->thread_count;
	case MODEL_FRAME_PYTHON:
		return f->module < c->code_count;
	default:
		return true;
	}
}

static bool finish_frames(struct catalog *c)
{
	bool ok = true;

	for (size_t i = 0; i < c->module_count; i++)
		if (!c->modules[i].path)
			c->modules[i].path = xstrdup("?");
	for (size_t i = 0; i < c->code_count; i++)
		finish_code(&c->codes[i]);
	for (size_t i = 0; i < c->frame_count; i++) {
		struct model_frame *f = &c->frames[i];

		if (frame_is_good(c, f))
			continue;
		*f = (struct model_frame){ .kind = MODEL_FRAME_NO_INFO };
		ok = false;
	}
	return ok;
}

bool catalog_finish(struct catalog *c)
{
	bool ok = finish_processes(c);

	ok &= finish_frames(c);
	for (size_t i = 0; i < c->site_count; i++) {
		struct model_site *s = &c->sites[i];

		if (s->node < c->node_count)
			continue;
		s->node = 0;
		ok = false;
	}
	return ok;
}

uint32_t *catalog_processes(const struct catalog *c)
{
	uint32_t *nodes = xcalloc(c->node_count, sizeof(*nodes));
	uint32_t *sites = xcalloc(c->site_count, sizeof(*sites));

	/* That of the thread at the root. */
	nodes[0] = MODEL_NO_SITE;
	for (size_t i = 1; i < c->node_count; i++) {
		const struct model_node *n = &c->nodes[i];
		const struct model_frame *f = &c->frames[n->frame];

		nodes[i] = nodes[n->parent];
		if (!n->parent && f->kind == MODEL_FRAME_THREAD)
			nodes[i] = c->threads[f->addr].process;
	}
	for (size_t i = 0; i < c->site_count; i++)
		sites[i] = nodes[c->sites[i].node];
	free(nodes);
	return sites;
}
