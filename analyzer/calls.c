/*
 * Design
 * ------
 * A large trace has some ten thousand frames and a hundred times as many
 * nodes, so everything that costs (symbols, demangling, the rules of places)
 * is paid once a frame, and what is asked per node is a number.
 *
 * Code that has neither function nor line is told apart by its address.
 */
#include "analyzer/calls.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/places.h"
#include "trace/xmalloc.h"

struct call {
	struct query_frame frame;
	const char *plain; /* the function without parameters */
	int64_t module, code;
	bool is_mark;
};

struct calls {
	struct calls_options options;
	const struct model_frame *model;
	const struct model_module *modules;
	size_t model_count, module_count;
	bool *is_wrapper_module; /* by number of module */
	bool *is_interpreter; /* the same */
	struct calls_list **lists; /* by number of frame */
	struct call *calls;
	size_t call_room;
	uint32_t call_count;
	struct lookup call_lookup;
	struct calls_list *kinds; /* every different list, for `number` */
	size_t kind_room;
	uint32_t kind_count;
	struct lookup kind_lookup;
};

static const struct calls_list no_calls = { .number = CALLS_NONE };

static void judge_module(struct calls *all, size_t number)
{
	const char *path = all->modules[number].path;

	if (!path)
		return;
	all->is_wrapper_module[number] = places_is_wrapper_module(path);
	all->is_interpreter[number] = scripts_is_interpreter(path);
}

struct calls *calls_open(const struct calls_options *o)
{
	struct calls *all = arena_alloc(o->arena, 1, sizeof(*all));

	all->options = *o;
	all->model = trace_frames(o->trace, &all->model_count);
	all->modules = trace_modules(o->trace, &all->module_count);
	all->lists = arena_alloc(o->arena, all->model_count + 1,
				 sizeof(*all->lists));
	all->is_wrapper_module = arena_alloc(o->arena, all->module_count + 1,
					     sizeof(*all->is_wrapper_module));
	all->is_interpreter = arena_alloc(o->arena, all->module_count + 1,
					  sizeof(*all->is_interpreter));
	for (size_t i = 0; i < all->module_count; i++)
		judge_module(all, i);
	lookup_init(&all->call_lookup);
	lookup_init(&all->kind_lookup);
	return all;
}

void calls_close(struct calls *all)
{
	if (!all)
		return;
	lookup_release(&all->call_lookup);
	lookup_release(&all->kind_lookup);
	free(all->calls);
	free(all->kinds);
}

static bool is_call(const void *owner, uint32_t item, const void *key)
{
	const struct call *a = &((const struct calls *)owner)->calls[item];
	const struct call *b = key;

	/* Names are interned: equal strings are one pointer. */
	return a->frame.function == b->frame.function &&
	       a->frame.file == b->frame.file &&
	       a->frame.line == b->frame.line &&
	       a->frame.module == b->frame.module &&
	       a->frame.python == b->frame.python &&
	       (a->frame.addr == b->frame.addr || a->frame.function ||
		a->frame.file);
}

static uint32_t hash_call(const struct call *c)
{
	uint64_t names = lookup_hash_numbers((uintptr_t)c->frame.function,
					     (uintptr_t)c->frame.file);
	uint64_t where = c->frame.line;

	if (!c->frame.function && !c->frame.file)
		where = c->frame.addr;
	return lookup_hash_numbers(names + (uintptr_t)c->frame.module, where);
}

/* The rules are on native code: here only what the user says counts. */
static bool is_python_wrapper(const struct calls *all, const struct call *c)
{
	const struct script *s =
		scripts_code(all->options.scripts, (uint32_t)c->code);

	return (s && s->is_library && all->options.no_libraries) ||
	       places_is_skipped(c->plain, all->options.skip,
				 all->options.skips);
}

static bool is_wrapper(const struct calls *all, const struct call *c,
		       const struct symbol *s)
{
	if (c->code != MODEL_NONE)
		return is_python_wrapper(all, c);
	return c->is_mark ||
	       places_is_wrapper(
		       &(struct places_code){ .function = s->name,
					      .file = s->file,
					      .module = c->frame.module },
		       all->options.skip, all->options.skips);
}

/* The rules of places are asked once for what is called the same. */
static uint32_t intern_call(struct calls *all, const struct call *c,
			    const struct symbol *s)
{
	uint32_t hash = hash_call(c);
	uint32_t found = lookup_find(&all->call_lookup, hash, is_call, all, c);

	if (found != LOOKUP_NONE)
		return found;
	all->calls = xgrow(all->calls, &all->call_room,
			   (size_t)all->call_count + 1, sizeof(*all->calls));
	all->calls[all->call_count] = *c;
	all->calls[all->call_count].frame.wrapper = is_wrapper(all, c, s);
	lookup_add(&all->call_lookup, hash, all->call_count);
	return all->call_count++;
}

static bool is_kind(const void *owner, uint32_t item, const void *key)
{
	const struct calls_list *a =
		&((const struct calls *)owner)->kinds[item];
	const struct calls_list *b = key;

	return a->count == b->count && a->guessed == b->guessed &&
	       memcmp(a->calls, b->calls, a->count * sizeof(*a->calls)) == 0;
}

static uint32_t intern_kind(struct calls *all, const struct calls_list *l)
{
	uint32_t hash = lookup_hash_text((const char *)l->calls,
					 l->count * sizeof(*l->calls));
	uint32_t found = lookup_find(&all->kind_lookup, hash, is_kind, all, l);

	if (found != LOOKUP_NONE)
		return found;
	all->kinds = xgrow(all->kinds, &all->kind_room,
			   (size_t)all->kind_count + 1, sizeof(*all->kinds));
	all->kinds[all->kind_count] = *l;
	lookup_add(&all->kind_lookup, hash, all->kind_count);
	return all->kind_count++;
}

static bool has_calls(const struct calls *all, const struct model_frame *m)
{
	if (m->kind == MODEL_FRAME_THREAD)
		return false;
	return m->kind != MODEL_FRAME_CODE || m->module >= all->module_count ||
	       !all->modules[m->module].is_agent;
}

static const char *mark_of(const struct model_frame *m)
{
	switch (m->kind) {
	case MODEL_FRAME_NO_INFO:
		return "[no unwind information]";
	case MODEL_FRAME_CUT:
		return "[frames left out]";
	default:
		return NULL;
	}
}

static struct call make_mark(const struct calls *all, const char *mark)
{
	return (struct call){
		.frame = { .function = names_intern(all->options.names, mark) },
		.module = MODEL_NONE,
		.code = MODEL_NONE,
		.is_mark = true,
	};
}

static struct call make_call(const struct calls *all,
			     const struct model_frame *m,
			     const struct symbol *s)
{
	bool in_module =
		m->kind == MODEL_FRAME_CODE && m->module < all->module_count;
	struct call c = {
		.frame = {
			.function = s->name.full,
			.file = s->file,
			.line = s->line,
			.addr = m->addr,
		},
		.plain = s->name.plain,
		.module = MODEL_NONE,
		.code = MODEL_NONE,
	};

	if (mark_of(m))
		return make_mark(all, mark_of(m));
	if (in_module) {
		c.module = m->module;
		c.frame.module = names_intern(all->options.names,
					      all->modules[m->module].path);
	}
	return c;
}

static struct call make_python(const struct calls *all,
			       const struct model_frame *m)
{
	const struct script *s = scripts_code(all->options.scripts, m->module);

	/* The reader checks it. */
	if (!s)
		return make_mark(all, "[unknown code]");
	return (struct call){
		.frame = { .function = s->function,
			   .file = s->file,
			   .line = scripts_line(all->options.scripts, m),
			   .module = s->module,
			   .python = true,
			   .library = s->is_library },
		.plain = s->function,
		.module = MODEL_NONE,
		.code = m->module,
	};
}

/* What stands at a frame, innermost first. */
static size_t find_calls(struct calls *all, uint32_t number, uint32_t *out)
{
	const struct model_frame *m = &all->model[number];
	struct symbol symbols[SYMBOLS_DEPTH] = { 0 };
	struct call c;
	size_t count;

	if (m->kind == MODEL_FRAME_PYTHON) {
		c = make_python(all, m);
		out[0] = intern_call(all, &c, &symbols[0]);
		return 1;
	}
	count = kept_at(all->options.kept, number, symbols);
	for (size_t i = 0; i < count; i++) {
		c = make_call(all, m, &symbols[i]);
		out[i] = intern_call(all, &c, &symbols[i]);
	}
	return count;
}

static struct calls_list *make_list(struct calls *all, uint32_t number)
{
	const struct model_frame *m = &all->model[number];
	uint32_t found[SYMBOLS_DEPTH];
	size_t count = find_calls(all, number, found);
	struct calls_list *l = arena_alloc(all->options.arena, 1, sizeof(*l));
	uint32_t *calls =
		arena_alloc(all->options.arena, count, sizeof(*calls));

	memcpy(calls, found, count * sizeof(*calls));
	l->calls = calls;
	l->count = (uint32_t)count;
	l->guessed = m->flags & MODEL_FRAME_GUESSED;
	l->number = intern_kind(all, l);
	return l;
}

const struct calls_list *calls_list(struct calls *all, uint32_t number)
{
	if (number >= all->model_count || !has_calls(all, &all->model[number]))
		return &no_calls;
	if (!all->lists[number])
		all->lists[number] = make_list(all, number);
	return all->lists[number];
}

bool calls_in_wrapper_module(const struct calls *all, uint32_t number)
{
	const struct model_frame *m;

	if (number >= all->model_count)
		return false;
	m = &all->model[number];
	return m->kind == MODEL_FRAME_CODE && m->module < all->module_count &&
	       all->is_wrapper_module[m->module];
}

bool calls_in_python(const struct calls *all, uint32_t number)
{
	return number < all->model_count &&
	       all->model[number].kind == MODEL_FRAME_PYTHON;
}

bool calls_in_interpreter(const struct calls *all, uint32_t number)
{
	const struct model_frame *m;

	if (number >= all->model_count)
		return false;
	m = &all->model[number];
	return m->kind == MODEL_FRAME_CODE && m->module < all->module_count &&
	       all->is_interpreter[m->module];
}

const struct query_frame *calls_frame(const struct calls *all, uint32_t call)
{
	return &all->calls[call].frame;
}

uint32_t calls_count(const struct calls *all)
{
	return all->call_count;
}

const char *calls_plain_name(const struct calls *all, uint32_t call)
{
	return all->calls[call].plain;
}

bool calls_is_wrapper(const struct calls *all, uint32_t call)
{
	return all->calls[call].frame.wrapper;
}

bool calls_is_mark(const struct calls *all, uint32_t call)
{
	return all->calls[call].is_mark;
}

int64_t calls_module(const struct calls *all, uint32_t call)
{
	return all->calls[call].module;
}

int64_t calls_code(const struct calls *all, uint32_t call)
{
	return all->calls[call].code;
}

/* What is not known comes last. */
static int compare_text(const char *a, const char *b)
{
	if (a == b)
		return 0;
	if (!a || !b)
		return a ? -1 : 1;
	return strcmp(a, b);
}

int calls_compare(const struct query_frame *a, const struct query_frame *b)
{
	int order = compare_text(a->function, b->function);

	if (!order)
		order = compare_text(a->file, b->file);
	if (!order && a->line != b->line)
		order = a->line < b->line ? -1 : 1;
	if (!order)
		order = compare_text(a->module, b->module);
	if (!order && a->addr != b->addr)
		order = a->addr < b->addr ? -1 : 1;
	return order;
}
