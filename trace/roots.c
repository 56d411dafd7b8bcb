/*
 * roots - see roots.h.
 *
 * What is the allocator's
 * -----------------------
 * The C library takes memory by calls that are its own, so what the agent saw
 * the program map is the program's; unless live blocks lie in it, for then an
 * allocator works there. Of the rest: the heap below the break has a name; an
 * arena begins at a multiple of 64 MiB and says how long it is; a large block
 * has a mapping of its own, with its size before it. Where blocks lie in
 * memory that is none of these, it is all their allocator's. The kernel joins
 * neighbours, so none of this can be told by its areas alone.
 *
 * A thread's stack lies behind a guard page, and no program has mapped it. One
 * that no thread stands on is kept for the next thread.
 */
#include "trace/roots.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/areas.h"
#include "trace/exepath.h"
#include "trace/xmalloc.h"

enum {
	GUARD_MAX = 1 << 20, /* bytes; larger is no stack's guard */
	LOCAL_BYTES = 512, /* below a thread pointer, for a name */
	PAGE = 4096,
	IS_MAPPED = 2, /* in the size of a block of glibc's */
	SIZE_FLAGS = 7,
	HEADERS = 64, /* of a program, that are looked at */
};

static const uint64_t ARENA = 64 << 20;

void roots_leave_out(struct roots *r, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	r->not = xgrow(r->not, &r->not_capacity, r->not_count + 1,
		       sizeof(*r->not ));
	r->not [r->not_count++] = (struct roots_extent){ start, end };
}

/* The range that the program mapped which `addr` is in, or NULL. */
static const struct mappings_range *own_range(const struct roots *r,
					      uint64_t addr)
{
	const struct mappings *m = &r->process->mappings;

	for (size_t i = 0; i < m->count; i++)
		if (addr >= m->ranges[i].start && addr < m->ranges[i].end)
			return &m->ranges[i];
	return NULL;
}

static bool is_own(const struct roots *r, const struct area *a)
{
	const struct mappings *m = &r->process->mappings;

	for (size_t i = 0; i < m->count; i++)
		if (m->ranges[i].start < a->end && m->ranges[i].end > a->start)
			return true;
	return false;
}

static const struct space_module *module_of(const struct roots *r,
					    uint64_t addr)
{
	const struct space *s = &r->process->space;

	for (size_t i = 0; i < s->count; i++)
		if (addr >= s->modules[i].start && addr < s->modules[i].end)
			return &s->modules[i];
	return NULL;
}

/* As glibc's heap_info: its arena, the heap before, its size. */
static void leave_out_arena(struct roots *r, uint64_t at)
{
	uint64_t info[3];

	peek_read(r->peek, at, info, sizeof(info));
	if (info[0] % 8 || info[0] < PAGE || info[2] < PAGE ||
	    info[2] > ARENA || info[2] % PAGE)
		return;
	/* The first of an arena holds its books, others point to them. */
	if (info[1] ? info[1] % ARENA == 0 : info[0] - at <= PAGE)
		roots_leave_out(r, at, at + info[2]);
}

static void leave_out_arenas(struct roots *r, const struct area *a)
{
	uint64_t at = (a->start + ARENA - 1) / ARENA * ARENA;

	if (a->kind != AREA_ANONYMOUS || !a->writable)
		return;
	for (; at < a->end; at += ARENA)
		if (!own_range(r, at))
			leave_out_arena(r, at);
}

/* The memory that the block at `addr` in area `a` came from, up to its end. */
static struct roots_extent home_of(struct roots *r, uint64_t addr,
				   const struct area *a)
{
	const struct mappings_range *own = own_range(r, addr);
	uint64_t head[2], begin, size;

	if (own)
		return (struct roots_extent){ own->start, own->end };
	peek_read(r->peek, addr - sizeof(head), head, sizeof(head));
	begin = addr - sizeof(head) - head[0];
	size = head[0] + (head[1] & ~(uint64_t)SIZE_FLAGS);
	if (head[1] & IS_MAPPED && begin % PAGE == 0 && size % PAGE == 0 &&
	    begin >= a->start && size <= a->end - begin)
		return (struct roots_extent){ begin, begin + size };
	return (struct roots_extent){ a->start, a->end };
}

static uint64_t end_of_left_out(const struct roots *r, uint64_t addr)
{
	for (size_t i = 0; i < r->not_count; i++)
		if (addr >= r->not [i].start && addr < r->not [i].end)
			return r->not [i].end;
	return 0;
}

/* Wherever there are blocks. Not in a module: there are globals beside them. */
static void leave_out_homes(struct roots *r, const struct area *a)
{
	const struct heap *h = r->heap;
	uint32_t i = heap_from(h, a->start);

	if (a->kind != AREA_ANONYMOUS || module_of(r, a->start))
		return;
	while (i < h->count && h->addr[i] < a->end) {
		uint64_t end = end_of_left_out(r, h->addr[i]);

		if (!end) {
			struct roots_extent home = home_of(r, h->addr[i], a);

			roots_leave_out(r, home.start, home.end);
			end = home.end;
		}
		i = heap_from(h, end);
	}
}

static int compare_extents(const void *a, const void *b)
{
	const struct roots_extent *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void add_range(struct roots *r, const struct roots_range *range)
{
	if (range->start >= range->end)
		return;
	r->list = xgrow(r->list, &r->capacity, r->count + 1, sizeof(*r->list));
	r->list[r->count++] = *range;
}

/* What of a range counts. */
static void add(struct roots *r, struct roots_range range)
{
	uint64_t end = range.end;

	for (size_t i = 0; i < r->not_count; i++) {
		const struct roots_extent *not = &r->not [i];

		if (not ->end <= range.start || not ->start >= end)
			continue;
		range.end = not ->start;
		add_range(r, &range);
		range.start = not ->end;
	}
	range.end = end;
	add_range(r, &range);
}

static bool has(const struct area *a, uint64_t addr)
{
	return addr >= a->start && addr < a->end;
}

static const struct roots_thread *thread_in(const struct roots *r,
					    const struct area *a)
{
	for (size_t i = 0; i < r->thread_count; i++)
		if (has(a, r->threads[i].sp) ||
		    has(a, r->threads[i].thread_pointer))
			return &r->threads[i];
	return NULL;
}

static struct roots_locals locals_of(const struct roots *r,
				     const struct roots_thread *t)
{
	struct roots_locals l = r->locals;

	l.start = t->thread_pointer - l.start;
	return l;
}

static void add_stack(struct roots *r, const struct area *a,
		      const struct roots_thread *t)
{
	struct roots_range range = { .start = a->start,
				     .end = a->end,
				     .kind = MODEL_ROOT_STACK,
				     .module = MODEL_NONE,
				     .tid = t ? t->tid : 0,
				     .is_private = true };

	if (t && has(a, t->sp))
		range.start = t->sp & ~(uint64_t)7;
	if (t && has(a, t->thread_pointer)) {
		range.end = t->thread_pointer - LOCAL_BYTES;
		if (range.end < range.start)
			range.end = range.start;
		add(r, range);
		range.start = range.end;
		range.end = a->end;
		range.kind = MODEL_ROOT_THREAD_LOCAL;
		range.locals = locals_of(r, t);
	}
	add(r, range);
}

static void add_data(struct roots *r, const struct area *a)
{
	const struct space_module *m = module_of(r, a->start);
	struct roots_range range = { .start = a->start,
				     .end = a->end,
				     .kind = MODEL_ROOT_GLOBAL,
				     .module = MODEL_NONE,
				     .is_private = !a->shared };
	const struct model_module *model;
	const char *name;

	if (m) {
		model = &r->modules->list[m->module];
		if (model->is_agent)
			return;
		range.module = m->module;
		range.bias = m->bias;
		name = model->path ? exepath_name(model->path) : "";
		range.is_libc = !strncmp(name, "libc.so", 7) ||
				!strncmp(name, "libc-", 5);
		if (m->end < range.end)
			range.end = m->end;
		add(r, range);
		range.start = range.end;
		range.end = a->end;
		range.module = MODEL_NONE;
		range.kind = MODEL_ROOT_MAPPING;
	}
	add(r, range);
}

static void add_mapping(struct roots *r, const struct area *a)
{
	const struct roots_thread *t = thread_in(r, a);
	struct roots_range range = { .start = a->start,
				     .end = a->end,
				     .kind = MODEL_ROOT_MAPPING,
				     .module = MODEL_NONE,
				     .is_private = !a->shared };

	if (r->strict && is_own(r, a))
		return;
	/* The loader gives the first thread what is local to it. */
	if (t && has(a, t->thread_pointer)) {
		range.kind = MODEL_ROOT_THREAD_LOCAL;
		range.tid = t->tid;
		range.locals = locals_of(r, t);
	}
	add(r, range);
}

static bool is_guard(const struct area *a, const struct area *next)
{
	return a->end == next->start && a->kind == AREA_ANONYMOUS &&
	       !a->readable && !a->writable && !a->executable &&
	       a->end - a->start <= GUARD_MAX;
}

static void add_anonymous(struct roots *r, const struct area *a,
			  const struct area *before)
{
	bool own = is_own(r, a);
	const struct roots_thread *t = thread_in(r, a);

	if (!a->readable && !own)
		return;
	if (module_of(r, a->start) ||
	    (before && before->kind == AREA_FILE && before->writable &&
	     before->end == a->start && !own)) {
		add_data(r, a);
		return;
	}
	if (before && is_guard(before, a) && !own && (t || !r->all)) {
		if (t)
			add_stack(r, a, t);
		return;
	}
	add_mapping(r, a);
}

/* Of files, what may hold a pointer: pages that the process has changed. */
static void add_file(struct roots *r, const struct area *a,
		     const struct area *next)
{
	bool relro = next && next->start == a->end && next->writable &&
		     next->inode == a->inode && !a->executable;

	if (!a->writable && !relro && !is_own(r, a))
		return;
	if (a->readable || is_own(r, a))
		a->shared || is_own(r, a) ? add_mapping(r, a) : add_data(r, a);
}

/* Below the break: the program may have moved it too. */
static void add_heap(struct roots *r, const struct area *a)
{
	const struct mappings *m = &r->process->mappings;
	uint32_t next;

	if (r->all) {
		add_mapping(r, a);
		return;
	}
	for (size_t i = 0; i < m->count; i++) {
		struct area part = *a;

		if (m->ranges[i].start > part.start)
			part.start = m->ranges[i].start;
		if (m->ranges[i].end < part.end)
			part.end = m->ranges[i].end;
		/* But for an allocator, which works there. */
		next = heap_from(r->heap, part.start);
		if (part.start < part.end &&
		    (next == r->heap->count || r->heap->addr[next] >= part.end))
			add_mapping(r, &part);
	}
}

static void add_area(struct roots *r, const struct areas *all, size_t i)
{
	const struct area *a = &all->list[i];
	const struct area *before = i ? a - 1 : NULL;
	const struct area *next = i + 1 < all->count ? a + 1 : NULL;

	switch (a->kind) {
	case AREA_HEAP:
		add_heap(r, a);
		break;
	case AREA_STACK:
		add_stack(r, a, thread_in(r, a));
		break;
	case AREA_FILE:
		add_file(r, a, next);
		break;
	case AREA_ANONYMOUS:
		add_anonymous(r, a, before);
		break;
	case AREA_OTHER:
		break;
	}
}

/*
 * The C library puts what is local to a thread of the program itself right
 * below the thread pointer, as the ABI wants it. Of libraries nobody says.
 */
static void find_locals(struct roots *r, const struct space_module *m)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	peek_read(r->peek, m->start, &head, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_phentsize != sizeof(part) || head.e_phoff > PAGE)
		return;
	for (unsigned int i = 0; i < head.e_phnum && i < HEADERS; i++) {
		peek_read(r->peek, m->start + head.e_phoff + i * sizeof(part),
			  &part, sizeof(part));
		/* Where it begins at an odd place, so do its variables. */
		if (part.p_type != PT_TLS || !part.p_align ||
		    part.p_vaddr % part.p_align)
			continue;
		r->locals = (struct roots_locals){
			.start = (part.p_memsz + part.p_align - 1) /
				 part.p_align * part.p_align,
			.size = part.p_memsz,
			.module = m->module,
		};
		return;
	}
}

static void find_program(struct roots *r)
{
	const struct space *s = &r->process->space;
	const char *exe = r->process->model.exe;

	for (size_t i = 0; i < s->count && exe; i++) {
		const char *path = r->modules->list[s->modules[i].module].path;

		if (path && !strcmp(path, exe)) {
			find_locals(r, &s->modules[i]);
			return;
		}
	}
}

/* In the order in which blocks are charged to who holds them. */
static int compare_ranges(const void *a, const void *b)
{
	const struct roots_range *x = a, *y = b;
	static const int order[MODEL_ROOT_KINDS] = {
		[MODEL_ROOT_GLOBAL] = 0,   [MODEL_ROOT_THREAD_LOCAL] = 1,
		[MODEL_ROOT_MAPPING] = 2,  [MODEL_ROOT_STACK] = 3,
		[MODEL_ROOT_REGISTER] = 4,
	};

	if (x->kind != y->kind)
		return order[x->kind] - order[y->kind];
	return x->start < y->start ? -1 : x->start > y->start;
}

bool roots_find(struct roots *r)
{
	struct areas all;

	if (!areas_read(&all, r->peek->pid))
		return false;
	find_program(r);
	for (size_t i = 0; i < all.count; i++)
		leave_out_arenas(r, &all.list[i]);
	for (size_t i = 0; i < all.count && !r->all; i++)
		leave_out_homes(r, &all.list[i]);
	if (r->not_count)
		qsort(r->not, r->not_count, sizeof(*r->not ), compare_extents);
	for (size_t i = 0; i < all.count; i++)
		add_area(r, &all, i);
	if (r->count)
		qsort(r->list, r->count, sizeof(*r->list), compare_ranges);
	areas_release(&all);
	return true;
}

void roots_release(struct roots *r)
{
	free(r->not );
	free(r->list);
}
