/*
 * tables - see tables.h.
 */
#include "trace/tables.h"

#include <string.h>

#include "trace/guess.h"

enum {
	ENTRIES_MAX = 1 << 18, /* in one block */
	BYTES_MAX = 1 << 20, /* about, in one block */
};

/* One table on its way to the file. */
struct table {
	enum format_block_type type;
	size_t columns;
	size_t *done; /* entries written before */
	size_t count; /* entries in the book */
	void (*put)(const struct book *b, size_t number, struct column *c);
};

static void put_optional(struct column *c, const char *s)
{
	column_put_string(c, s ? s : "");
}

static void put_process_strings(struct column *c, const struct model_process *p)
{
	put_optional(c, p->name);
	put_optional(c, p->exe);
	put_optional(c, p->note);
	put_optional(c, p->limits);
}

static void put_process(const struct book *b, size_t number, struct column *c)
{
	struct process *p = b->processes[number];
	struct column *numbers = &c[TABLES_NUMBERS];

	column_put(numbers, (uint32_t)p->model.pid);
	column_put(numbers, (uint64_t)((int64_t)p->model.parent + 1));
	column_put(numbers, p->model.origin);
	column_put(numbers, p->model.start);
	column_put(numbers, p->model.end);
	put_process_strings(&c[TABLES_STRINGS], &p->model);
	p->changed = false;
}

static void put_thread(const struct book *b, size_t number, struct column *c)
{
	struct book_thread *t = &b->threads[number];
	struct column *numbers = &c[TABLES_NUMBERS];

	column_put(numbers, t->model.process);
	column_put(numbers, (uint32_t)t->model.tid);
	column_put(numbers, t->model.start);
	column_put(numbers, t->model.end);
	put_optional(&c[TABLES_STRINGS], t->model.name);
	t->changed = false;
}

static void put_module(const struct book *b, size_t number, struct column *c)
{
	const struct model_module *m = &b->modules.list[number];
	struct column *numbers = &c[TABLES_NUMBERS];

	column_put(numbers, m->bias);
	column_put(numbers, m->size);
	column_put(numbers, m->is_agent);
	column_put(numbers, m->build_id_size);
	column_put_string(&c[TABLES_STRINGS], m->path);
	column_put_bytes(&c[TABLES_STRINGS], m->build_id, m->build_id_size);
}

static void put_code(const struct book *b, size_t number, struct column *c)
{
	const struct model_code *code = &b->codes.list[number];
	struct column *numbers = &c[TABLES_NUMBERS];
	struct column *strings = &c[TABLES_STRINGS];

	column_put(numbers, code->first_line);
	column_put(numbers, code->form);
	column_put(numbers, code->lines_size);
	column_put_string(strings, code->file);
	column_put_string(strings, code->name);
	column_put_string(strings, code->qualified);
	column_put_bytes(strings, code->lines, code->lines_size);
}

static int write_table(const struct table *t, const struct book *b,
		       struct writer *w, struct err *err)
{
	while (*t->done < t->count) {
		struct column c[TABLES_FRAME_COLUMNS] = { 0 };
		size_t first = *t->done;
		int ret;

		while (*t->done < t->count && *t->done - first < ENTRIES_MAX &&
		       columns_size(c, t->columns) < BYTES_MAX)
			t->put(b, (*t->done)++, c);
		column_put(&c[TABLES_HEAD], first);
		column_put(&c[TABLES_HEAD], *t->done - first);
		ret = writer_block(w, t->type, c, t->columns, err);
		columns_release(c, t->columns);
		if (ret < 0)
			return -1;
	}
	return 0;
}

static void put_frame(const struct model_frame *f, uint64_t before,
		      struct column *c)
{
	uint8_t kind = (uint8_t)(f->kind | f->flags << 4);

	column_put_bytes(&c[TABLES_FRAME_KINDS], &kind, 1);
	column_put(&c[TABLES_FRAME_MODULES], f->module);
	column_put(&c[TABLES_FRAME_ADDRS],
		   column_zigzag((int64_t)(f->addr - before)));
}

static int write_frames(size_t *done, const struct frames *frames,
			struct writer *w, struct err *err)
{
	while (*done < frames->count) {
		struct column c[TABLES_FRAME_COLUMNS] = { 0 };
		size_t first = *done;
		uint64_t before = 0;
		int ret;

		for (; *done < frames->count && *done - first < ENTRIES_MAX;
		     ++*done) {
			put_frame(&frames->list[*done], before, c);
			before = frames->list[*done].addr;
		}
		column_put(&c[TABLES_FRAME_HEAD], first);
		column_put(&c[TABLES_FRAME_HEAD], *done - first);
		ret = writer_block(w, FORMAT_FRAMES, c, TABLES_FRAME_COLUMNS,
				   err);
		columns_release(c, TABLES_FRAME_COLUMNS);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* A node; `g` knows which frame was called from a frame last time. */
static void put_node(const struct tree *tree, size_t number, struct guess *g,
		     struct column *c)
{
	const struct tree_node *n = &tree->nodes[number];

	column_put(&c[TABLES_NODE_PARENTS], number - 1 - n->parent);
	g->last = tree->nodes[n->parent].frame;
	if (guess_next(g) == n->frame)
		column_put(&c[TABLES_NODE_FRAMES], 0);
	else
		column_put(&c[TABLES_NODE_FRAMES], (uint64_t)n->frame + 1);
	guess_learn(g, n->frame);
}

static int write_nodes(size_t *done, size_t frames, const struct tree *tree,
		       struct writer *w, struct err *err)
{
	while (*done < tree->count) {
		struct column c[TABLES_NODE_COLUMNS] = { 0 };
		struct guess g = { .newest = (uint32_t)frames };
		size_t first = *done;
		int ret;

		for (; *done < tree->count && *done - first < ENTRIES_MAX;
		     ++*done)
			put_node(tree, *done, &g, c);
		column_put(&c[TABLES_NODE_HEAD], first);
		column_put(&c[TABLES_NODE_HEAD], *done - first);
		column_put(&c[TABLES_NODE_HEAD], frames);
		frames = g.newest;
		guess_release(&g);
		ret = writer_block(w, FORMAT_NODES, c, TABLES_NODE_COLUMNS,
				   err);
		columns_release(c, TABLES_NODE_COLUMNS);
		if (ret < 0)
			return -1;
	}
	return 0;
}

static void put_site(const struct model_site *s, uint32_t before,
		     struct column *c)
{
	uint8_t kind = (uint8_t)(s->kind | (s->exact ? 0 : 2));

	column_put(&c[TABLES_SITE_NODES],
		   column_zigzag((int64_t)s->node - before));
	column_put(&c[TABLES_SITE_SIZES], s->size);
	column_put_bytes(&c[TABLES_SITE_KINDS], &kind, 1);
}

static int write_sites(size_t *done, const struct sites *sites,
		       struct writer *w, struct err *err)
{
	while (*done < sites->count) {
		struct column c[TABLES_SITE_COLUMNS] = { 0 };
		size_t first = *done;
		uint32_t before = 0;
		int ret;

		for (; *done < sites->count && *done - first < ENTRIES_MAX;
		     ++*done) {
			put_site(&sites->list[*done].key, before, c);
			before = sites->list[*done].key.node;
		}
		column_put(&c[TABLES_SITE_HEAD], first);
		column_put(&c[TABLES_SITE_HEAD], *done - first);
		ret = writer_block(w, FORMAT_SITES, c, TABLES_SITE_COLUMNS,
				   err);
		columns_release(c, TABLES_SITE_COLUMNS);
		if (ret < 0)
			return -1;
	}
	return 0;
}

static void put_process_updates(struct book *b, size_t known, struct column *c)
{
	for (size_t i = 0; i < known; i++) {
		struct process *p = b->processes[i];

		if (!p->changed)
			continue;
		column_put(&c[TABLES_NUMBERS], TABLES_UPDATE_PROCESS);
		column_put(&c[TABLES_NUMBERS], i);
		column_put(&c[TABLES_NUMBERS], p->model.end);
		put_process_strings(&c[TABLES_STRINGS], &p->model);
		p->changed = false;
	}
}

static void put_thread_updates(struct book *b, size_t known, struct column *c)
{
	for (size_t i = 0; i < known; i++) {
		struct book_thread *t = &b->threads[i];

		if (!t->changed)
			continue;
		column_put(&c[TABLES_NUMBERS], TABLES_UPDATE_THREAD);
		column_put(&c[TABLES_NUMBERS], i);
		column_put(&c[TABLES_NUMBERS], t->model.end);
		put_optional(&c[TABLES_STRINGS], t->model.name);
		t->changed = false;
	}
}

static int write_updates(struct tables *t, struct book *b, struct writer *w,
			 struct err *err)
{
	struct column c[TABLES_COLUMNS] = { 0 };
	int ret = 0;

	put_process_updates(b, t->processes, c);
	put_thread_updates(b, t->threads, c);
	if (t->run_changed) {
		column_put(&c[TABLES_NUMBERS], TABLES_UPDATE_RUN);
		column_put(&c[TABLES_NUMBERS], (uint32_t)t->pid);
		t->run_changed = false;
	}
	if (c[TABLES_NUMBERS].size)
		ret = writer_block(w, FORMAT_UPDATES, c, TABLES_COLUMNS, err);
	columns_release(c, TABLES_COLUMNS);
	return ret;
}

int tables_write(struct tables *t, struct book *b, struct writer *w,
		 struct err *err)
{
	const struct table simple[] = {
		{ FORMAT_PROCESSES, TABLES_COLUMNS, &t->processes,
		  b->process_count, put_process },
		{ FORMAT_THREADS, TABLES_COLUMNS, &t->threads, b->thread_count,
		  put_thread },
		{ FORMAT_MODULES, TABLES_COLUMNS, &t->modules, b->modules.count,
		  put_module },
		{ FORMAT_CODES, TABLES_COLUMNS, &t->codes, b->codes.count,
		  put_code },
	};
	size_t frames = t->frames;

	if (write_updates(t, b, w, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (write_table(&simple[i], b, w, err) < 0)
			return -1;
	if (write_frames(&t->frames, &b->frames, w, err) < 0 ||
	    write_nodes(&t->nodes, frames, &b->tree, w, err) < 0)
		return -1;
	return write_sites(&t->sites, &b->sites, w, err);
}
