/*
 * records - see records.h.
 *
 * Words of the ring are read through stream_word(), once, into locals; only
 * those are checked and used.
 */
#include "trace/records.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	MODULES_MAX = 65536, /* distinct files of a run */
	FRAMES_FEW = 2, /* that are looked at one by one */
	FRAMES_AT_ONCE = 32, /* whose edges are asked for together */
};

#define SIZE_MASK ((1ULL << RING_KEEP_SHIFT) - 1)
#define FRAME_MASK (RING_FRAME_PC | RING_FRAME_GUESSED | RING_FRAME_EXACT)

static uint64_t addr_of(const struct stream_record *r)
{
	return r->first >> RING_ADDR_SHIFT;
}

/* What orders this record among others; 0 where one thread is alone. */
static uint64_t stamp_of(const struct stream_record *r)
{
	return stream_is_stamped(r) ? r->stamp : 0;
}

/* Modules of a forked child, and code, are what its parent had by then. */
static void inherit(struct process *p)
{
	if (p->heir_of) {
		space_copy(&p->space, &p->heir_of->space);
		python_copy(&p->python, &p->heir_of->python);
	}
	p->heir_of = NULL;
}

static uint32_t new_child(struct book *b, struct process *p,
			  const struct tree_step *step)
{
	uint32_t frame =
		space_frame(&p->space, step->word & FRAME_MASK, &b->frames);

	return tree_child(&b->tree, step, frame);
}

/* One more frame. */
static inline void push_frame(struct book *b, struct thread *t, uint64_t word)
{
	struct thread_frame *top = &t->stack[t->depth++];
	uint64_t known = tree_word(word, t->process->space.generation);
	struct tree_step step = { .path = tree_path(top->path, known),
				  .word = known,
				  .parent = top->node };
	uint32_t node = tree_guess(&b->tree, &step);

	top[1].path = step.path;
	top[1].node = node ? node : new_child(b, t->process, &step);
}

/* Up to FRAMES_AT_ONCE more frames; the last word is the outermost. */
static void push_frames(struct book *b, struct thread *t, const uint64_t *words,
			uint32_t count)
{
	struct thread_frame *top = &t->stack[t->depth];
	uint32_t generation = t->process->space.generation;
	uint64_t known[FRAMES_AT_ONCE];

	for (uint32_t i = 0; i < count; i++) {
		uint64_t word = stream_word(&words[count - 1 - i]) & FRAME_MASK;

		known[i] = tree_word(word, generation);
		top[i + 1].path = tree_path(top[i].path, known[i]);
		tree_expect(&b->tree, top[i + 1].path);
	}
	for (uint32_t i = 0; i < count; i++) {
		struct tree_step step = { .path = top[i + 1].path,
					  .word = known[i],
					  .parent = top[i].node };
		uint32_t node = tree_guess(&b->tree, &step);

		top[i + 1].node = node ? node : new_child(b, t->process, &step);
	}
	t->depth += count;
}

static struct hybrid_frames frames_of(const struct stream_record *r,
				      size_t keep)
{
	return (struct hybrid_frames){ .words = stream_rest(r),
				       .count = stream_count(r),
				       .keep = keep };
}

/*
 * Makes the record's frames the innermost of the thread's native stack. The
 * thread's node is then good, unless it runs Python.
 */
static bool take_frames(struct book *b, struct thread *t,
			const struct stream_record *r, size_t keep)
{
	const uint64_t *frames = stream_rest(r);
	uint32_t count = stream_count(r);

	if (t->process->heir_of)
		inherit(t->process);
	if (__builtin_expect(t->hybrid != NULL, 0)) {
		const struct hybrid_frames f = frames_of(r, keep);

		return hybrid_take_native(t->hybrid, t->process, &f);
	}
	if (!thread_keep(t, keep, count))
		return false;
	for (; count > FRAMES_AT_ONCE; count -= FRAMES_AT_ONCE)
		push_frames(b, t, &frames[count - FRAMES_AT_ONCE],
			    FRAMES_AT_ONCE);
	if (count > FRAMES_FEW)
		push_frames(b, t, frames, count);
	else
		while (count--)
			push_frame(b, t,
				   stream_word(&frames[count]) & FRAME_MASK);
	t->node = t->stack[t->depth].node;
	return true;
}

/* The same of its stack of Python. */
static bool take_python_frames(struct thread *t, const struct stream_record *r,
			       size_t keep)
{
	const struct hybrid_frames f = frames_of(r, keep);

	inherit(t->process);
	if (!t->hybrid)
		t->hybrid = hybrid_create(&t->stack[0]);
	return hybrid_take_python(t->hybrid, &f);
}

enum taking {
	TAKING_ALLOC,
	TAKING_MOVE,
	TAKING_MAP,
};

/* An event that takes memory, with its stack. */
static bool take_memory(struct book *b, struct thread *t,
			const struct stream_record *r, enum taking how)
{
	uint64_t size_keep = stream_word(&r->words[1]);
	uint64_t size = size_keep & SIZE_MASK;

	if (!addr_of(r) || !take_frames(b, t, r, size_keep >> RING_KEEP_SHIFT))
		return false;
	if (__builtin_expect(t->hybrid != NULL, 0))
		t->node = hybrid_node(t->hybrid, b, t->process);
	switch (how) {
	case TAKING_ALLOC:
		book_alloc(b, t, addr_of(r), size, stamp_of(r));
		break;
	case TAKING_MOVE:
		book_move_in(b, t, addr_of(r), size, stamp_of(r));
		break;
	case TAKING_MAP:
		book_map(b, t, addr_of(r), size);
		break;
	}
	return true;
}

/* A block of Python's own allocators. */
static bool take_object(struct book *b, struct thread *t,
			const struct stream_record *r, enum taking how)
{
	uint64_t size_keep = stream_word(&r->words[1]);
	uint64_t size = size_keep & SIZE_MASK;

	if (!addr_of(r) ||
	    !take_python_frames(t, r, size_keep >> RING_KEEP_SHIFT))
		return false;
	t->node = hybrid_object_node(t->hybrid, b, t->process);
	if (how == TAKING_MOVE)
		book_move_in(b, t, addr_of(r), size, stamp_of(r));
	else
		book_alloc(b, t, addr_of(r), size, stamp_of(r));
	return true;
}

/* More frames of a stack that is too long for one record, or that is ahead. */
static bool take_stack(struct book *b, struct thread *t,
		       const struct stream_record *r)
{
	uint64_t keep = addr_of(r);

	if (keep & RING_STACK_PYTHON)
		return take_python_frames(t, r, keep & ~RING_STACK_PYTHON);
	return take_frames(b, t, r, keep);
}

static bool unmap(struct book *b, struct thread *t,
		  const struct stream_record *r)
{
	uint64_t size = stream_word(&r->words[1]);

	book_unmap(b, t->process, addr_of(r),
		   size < SIZE_MASK ? size : SIZE_MASK);
	return true;
}

/* Copies the payload and a NUL behind it; caller frees. */
static char *payload(const struct stream_record *r, size_t *size)
{
	const uint64_t *more = stream_rest(r);
	uint32_t count = stream_count(r);
	uint64_t *words = xmalloc(((size_t)count + 1) * 8);

	for (uint32_t i = 0; i < count; i++)
		words[i] = stream_word(&more[i]);
	words[count] = 0;
	*size = (size_t)count * 8;
	return (char *)words;
}

static void new_meaning(struct book *b, struct process *p, uint32_t before)
{
	if (p->space.generation != before &&
	    !(p->space.generation & TREE_GENERATION_MASK))
		tree_forget_words(&b->tree);
}

static void add_module(struct book *b, struct process *p,
		       const struct ring_module *m, const uint8_t *build_id,
		       const char *path)
{
	uint32_t generation = p->space.generation;
	struct model_module model = {
		.path = m->path_size || !p->model.exe ? path : p->model.exe,
		.build_id = build_id,
		.build_id_size = m->build_id_size,
		.bias = m->bias,
		.size = m->end - m->start,
		.is_agent = m->flags & RING_MODULE_AGENT,
	};

	if (m->flags & RING_MODULE_PROGRAM && m->path_size)
		process_set_program(p, path);
	space_add(&p->space,
		  (struct space_module){
			  .start = m->start,
			  .end = m->end,
			  .bias = m->bias,
			  .module = modules_intern(&b->modules, &model) });
	new_meaning(b, p, generation);
}

static bool take_module(struct book *b, struct process *p,
			const struct stream_record *r)
{
	struct ring_module m;
	size_t size;
	char *bytes = payload(r, &size);
	bool ok = size >= sizeof(m);

	inherit(p);
	if (ok) {
		memcpy(&m, bytes, sizeof(m));
		ok = m.build_id_size + m.path_size <= size - sizeof(m) &&
		     m.start < m.end && m.end <= RING_FRAME_PC;
	}
	if (ok && b->modules.count < MODULES_MAX) {
		char *id = bytes + sizeof(m);
		char *path = xmemdup(id + m.build_id_size, m.path_size);

		add_module(b, p, &m, (const uint8_t *)id, path);
		free(path);
	}
	free(bytes);
	return ok;
}

static bool drop_module(struct book *b, struct process *p,
			const struct stream_record *r)
{
	uint32_t generation;

	inherit(p);
	generation = p->space.generation;
	space_remove(&p->space, addr_of(r));
	new_meaning(b, p, generation);
	return true;
}

static bool take_name(struct book *b, struct thread *t,
		      const struct stream_record *r)
{
	size_t size;
	char *name = payload(r, &size);

	t->named = true;
	book_name_thread(b, t, name);
	free(name);
	return true;
}

static bool take_copy(struct book *b, struct process *p, const char *bytes,
		      size_t size)
{
	struct ring_copy copy;

	if (size < sizeof(copy))
		return false;
	memcpy(&copy, bytes, sizeof(copy));
	inherit(p);
	if (b->copied)
		b->copied(b->context, p, &copy);
	return true;
}

/* Adds a part to what there is; true when that is all of it. */
static bool add_part(struct thread_code *c, const struct ring_code_part *part,
		     const char *bytes, size_t size)
{
	if (!part->at) {
		free(c->bytes);
		*c = (struct thread_code){ .number = part->number,
					   .size = part->size,
					   .bytes = xmalloc(part->size) };
	}
	if (!c->bytes || part->number != c->number || part->at != c->have)
		return false;
	if (size > c->size - c->have)
		size = c->size - c->have;
	memcpy(c->bytes + c->have, bytes, size);
	c->have += (uint32_t)size;
	return c->have == c->size;
}

/* What does not fit together has lost a part: the code stays unknown. */
static bool take_code(struct book *b, struct thread *t, const char *bytes,
		      size_t size)
{
	struct thread_code *c = &t->code;
	struct ring_code_part part;
	bool ok = true;

	if (size < sizeof(part))
		return false;
	memcpy(&part, bytes, sizeof(part));
	if (!part.size || part.size > RING_CODE_BYTES)
		return false;
	inherit(t->process);
	if (!add_part(c, &part, bytes + sizeof(part), size - sizeof(part)))
		return true;
	ok = python_take_code(&t->process->python, &b->codes, c->number,
			      c->bytes, c->size);
	free(c->bytes);
	*c = (struct thread_code){ 0 };
	return ok;
}

static bool take_gc(struct book *b, struct thread *t, const char *bytes,
		    size_t size)
{
	struct ring_gc gc;

	if (size < sizeof(gc))
		return false;
	memcpy(&gc, bytes, sizeof(gc));
	if (gc.ended)
		book_gc_end(b, t,
			    (uint64_t[]){ gc.collected, gc.uncollectable });
	else
		book_gc_begin(b, t, &gc);
	return true;
}

static bool take_python(struct process *p, const char *bytes, size_t size)
{
	inherit(p);
	return python_take_loops(&p->python, bytes, size);
}

static bool take_note(struct book *b, struct thread *t,
		      const struct stream_record *r)
{
	struct process *p = t->process;
	struct model_mark mark = { .source = MODEL_MARK_PROGRAM,
				   .name = "",
				   .process = (int32_t)p->number };
	bool known = true;
	size_t size;
	char *text = payload(r, &size);

	switch ((enum ring_note)addr_of(r)) {
	case RING_NOTE_OFF:
		process_set(&p->model.note, text);
		p->changed = true;
		break;
	case RING_NOTE_LIMIT:
		process_add_limit(p, text);
		p->changed = true;
		break;
	case RING_NOTE_PROGRAM:
		process_set_program(p, text);
		break;
	case RING_NOTE_MARK:
		mark.name = text;
		book_mark(b, &mark);
		break;
	case RING_NOTE_STARTED:
		mark.kind = MODEL_MARK_STARTED;
		book_mark(b, &mark);
		break;
	case RING_NOTE_STOPPED:
		mark.kind = MODEL_MARK_STOPPED;
		book_mark(b, &mark);
		break;
	case RING_NOTE_COPY:
		known = take_copy(b, p, text, size);
		break;
	case RING_NOTE_PYTHON:
		known = take_python(p, text, size);
		break;
	case RING_NOTE_CODE:
		known = take_code(b, t, text, size);
		break;
	case RING_NOTE_GC:
		known = take_gc(b, t, text, size);
		break;
	default:
		known = false;
	}
	free(text);
	return known;
}

bool records_apply(struct book *b, struct thread *t,
		   const struct stream_record *r)
{
	switch ((enum ring_kind)(r->first & 15)) {
	case RING_ALLOC:
		return take_memory(b, t, r, TAKING_ALLOC);
	case RING_FREE:
		if (addr_of(r))
			book_free(b, t, addr_of(r), stamp_of(r));
		else
			book_move_end(b, t);
		return true;
	case RING_REALLOC:
		book_move_out(b, t, addr_of(r), stamp_of(r));
		return true;
	case RING_REALLOCATED:
		return take_memory(b, t, r, TAKING_MOVE);
	case RING_NOT_REALLOCATED:
		book_move_back(b, t);
		return true;
	case RING_MAP:
		return take_memory(b, t, r, TAKING_MAP);
	case RING_UNMAP:
		return unmap(b, t, r);
	case RING_STACK:
		return take_stack(b, t, r);
	case RING_CLOCK:
		return true;
	case RING_MODULE:
		return take_module(b, t->process, r);
	case RING_MODULE_GONE:
		return drop_module(b, t->process, r);
	case RING_NAME:
		return take_name(b, t, r);
	case RING_NOTE:
		return take_note(b, t, r);
	case RING_OBJECT:
		return take_object(b, t, r, TAKING_ALLOC);
	case RING_OBJECT_MOVED:
		return take_object(b, t, r, TAKING_MOVE);
	case RING_END:
		break;
	}
	return false;
}
