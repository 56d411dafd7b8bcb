/*
 * match_keys - see match_keys.h.
 */
#include "analyzer/match_keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "trace/xmalloc.h"

static bool is_same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool is_same_run(const struct profile *a, const struct profile *b)
{
	const struct trace_run *x = trace_run(a->trace);
	const struct trace_run *y = trace_run(b->trace);

	return x->start_realtime == y->start_realtime && x->pid == y->pid &&
	       is_same_text(x->host, y->host);
}

/* Files are those of calls, which only questions make known: see add_files. */
static void add_modules(struct match_keys *k, const struct profile *p,
			bool is_new)
{
	for (size_t i = 0; i < p->module_count; i++)
		same_add(&k->modules, p->modules[i].path, is_new);
}

static void declare_program(struct match_keys *k, const struct profile *old,
			    const struct profile *new)
{
	const char *a = old->process_count ? old->processes[0].exe : NULL;
	const char *b = new->process_count ? new->processes[0].exe : NULL;

	if (a && b)
		same_declare(&k->modules, a, b);
}

static void add_files(struct match_keys *k, const struct profile *p,
		      bool is_new)
{
	for (uint32_t i = 0; i < calls_count(p->calls); i++)
		same_add(&k->files, calls_frame(p->calls, i)->file, is_new);
}

static bool is_same_build(const struct model_module *a,
			  const struct model_module *b)
{
	return a->build_id_size && a->build_id_size == b->build_id_size &&
	       memcmp(a->build_id, b->build_id, a->build_id_size) == 0;
}

static uint32_t *module_numbers(struct match_keys *k, const struct profile *p,
				bool is_new)
{
	uint32_t *number = xcalloc(p->module_count + 1, sizeof(*number));

	for (size_t i = 0; i < p->module_count; i++)
		number[i] =
			same_number(&k->modules, p->modules[i].path, is_new);
	return number;
}

/* A module that was rebuilt while the run had it has no fixed lines. */
static void find_fixed(struct match_keys *k, const struct profile *old,
		       const struct profile *new)
{
	bool *differs = xcalloc(k->modules.count + 1, sizeof(*differs));
	uint32_t *a = module_numbers(k, old, false);
	uint32_t *b = module_numbers(k, new, true);

	k->is_fixed = xcalloc(k->modules.count + 1, sizeof(*k->is_fixed));
	for (size_t i = 0; i < old->module_count; i++) {
		for (size_t j = 0; j < new->module_count; j++) {
			if (a[i] != b[j])
				continue;
			k->is_fixed[a[i]] = true;
			differs[a[i]] |= !is_same_build(&old->modules[i],
							&new->modules[j]);
		}
	}
	for (size_t i = 0; i <= k->modules.count; i++)
		k->is_fixed[i] &= !differs[i];
	free(differs);
	free(a);
	free(b);
}

void match_keys_init(struct match_keys *k, struct profile *old,
		     struct profile *new)
{
	arena_init(&k->arena);
	names_init(&k->names, &k->arena);
	same_init(&k->files, &k->names);
	same_init(&k->modules, &k->names);
	k->same_run = is_same_run(old, new);
	add_files(k, old, false);
	add_files(k, new, true);
	same_settle(&k->files);
	add_modules(k, old, false);
	add_modules(k, new, true);
	declare_program(k, old, new);
	same_settle(&k->modules);
	find_fixed(k, old, new);
}

void match_keys_release(struct match_keys *k)
{
	free(k->is_fixed);
	same_release(&k->files);
	same_release(&k->modules);
	names_release(&k->names);
	arena_release(&k->arena);
}

uint32_t match_keys_text(struct match_keys *k, const char *text)
{
	return text ? names_number(&k->names, text) + 1 : 0;
}

/* Blanks are one, and none at the ends. Nothing but blanks says nothing. */
static uint32_t line_key(struct match_keys *k, const char *text)
{
	char *plain = xstrdup(text), *end = plain;
	uint32_t number;

	for (; *text; text++) {
		if (!isspace((unsigned char)*text))
			*end++ = *text;
		else if (end > plain && end[-1] != ' ')
			*end++ = ' ';
	}
	if (end > plain && end[-1] == ' ')
		end--;
	*end = '\0';
	number = *plain ? match_keys_text(k, plain) : 0;
	free(plain);
	return number;
}

/* Without parameters and arguments, and what compilers append to clones. */
static uint32_t brief_key(struct match_keys *k, const char *function)
{
	static const char *const marks[] = {
		".isra.",     ".constprop.", ".part.",	".cold",
		".lto_priv.", ".llvm.",	     " [clone",
	};
	char *brief = query_brief_name(function), *mark;
	uint32_t number;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		mark = strstr(brief, marks[i]);
		if (mark && mark > brief)
			*mark = '\0';
	}
	number = match_keys_text(k, brief);
	free(brief);
	return number;
}

struct match_place match_keys_place(struct match_keys *k, struct profile *p,
				    const struct query_frame *f, bool is_new)
{
	struct match_place m = {
		.file = same_number(&k->files, f->file, is_new),
		.module = same_number(&k->modules, f->module, is_new),
		.line = f->line,
		.addr = f->function || f->file ? 0 : f->addr,
	};
	const char *text = NULL;

	m.is_fixed = k->same_run || k->is_fixed[m.module];
	m.function = match_keys_text(k, f->function);
	if (m.is_fixed)
		return m;
	if (f->function)
		m.brief = brief_key(k, f->function);
	if (f->line && !profile_source_note(p, f->file, f->module))
		text = profile_source_line(p, f->file, f->line);
	if (text)
		m.text = line_key(k, text);
	return m;
}
